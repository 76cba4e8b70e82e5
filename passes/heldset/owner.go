package heldset

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// ownsBindings says whether a closure that is stored in a field captures no other object with locks than the one whose field
// it becomes: q.done = func() { q.mu.Lock() }. Then every call of the field is about the owner of the field.
func ownsBindings(store *ssa.Store, closure *ssa.MakeClosure) bool {
	return !slices.Contains(owned(store, closure), false)
}

// owned says for each captured variable whether it is the owner of the field, or has nothing to do with locks.
func owned(store *ssa.Store, closure *ssa.MakeClosure) []bool {
	out := make([]bool, len(closure.Bindings))
	addr, ok := store.Addr.(*ssa.FieldAddr)
	if !ok {
		return out
	}
	for i, b := range closure.Bindings {
		out[i] = isVariableOf(b, addr.X) || !hasLocks(deref(b.Type())) && !isFunc(deref(b.Type()))
	}
	return out
}

// isVariableOf says whether cell is a variable that always holds owner.
func isVariableOf(cell, owner ssa.Value) bool {
	alloc, ok := cell.(*ssa.Alloc)
	if !ok {
		return cell == owner
	}
	load, ok := owner.(*ssa.UnOp)
	if ok && load.Op == token.MUL && load.X == cell {
		return storedOnce(alloc) != nil
	}
	return storedOnce(alloc) == owner
}

// storedOnce returns the only value that is stored at an address, as far as it is used by name, or nil.
func storedOnce(v ssa.Value) ssa.Value {
	var val ssa.Value
	for _, r := range *v.Referrers() {
		s, ok := r.(*ssa.Store)
		if !ok || s.Addr != v {
			continue
		}
		if val != nil {
			return nil
		}
		val = s.Val
	}
	return val
}

// ownerCallee returns what a call of a function-typed field calls, if it is a closure over the owner of the field.
func (f *function) ownerCallee(v ssa.Value, args []ssa.Value) *callee {
	load, ok := v.(*ssa.UnOp)
	if !ok {
		return nil
	}
	addr, ok := load.X.(*ssa.FieldAddr)
	if !ok {
		return nil
	}
	closure, ok := f.pkg.onlyStored(addr).(*ssa.MakeClosure)
	if !ok || len(closure.Bindings) == 0 {
		return nil
	}
	fn := closure.Fn.(*ssa.Function)
	if _, bound := boundMethod(fn); bound {
		return nil
	}
	c := f.functionCallee(fn, args, make([]ssa.Value, len(closure.Bindings)))
	c.owner = addr.X
	for _, b := range closure.Bindings {
		c.owned = append(c.owned, types.Identical(deref(b.Type()), addr.X.Type()))
	}
	return c
}
