package heldset

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// A handle is an object that a function makes, fills with what has a lock, and returns while it holds the lock: a
// transaction, which gives the lock back when it ends.

// filled says which fields of the i-th result, an object made here, are what a parameter leads to: what is done through
// them is done to the caller's object.
func (f *function) filled(i int, id Obj) []*lockorder.Clause {
	if id <= 0 {
		return nil
	}
	made, ok := f.objs.nodes[id].val.(*ssa.Alloc)
	if !ok || f.objs.nodes[id].kind != valueNode {
		return nil
	}
	var clauses []*lockorder.Clause
	for _, field := range f.fillings(made, nil) {
		path, ok := f.pathFrom(f.objs.of(field.val), true)
		if !ok || path.Root == contract.ResultName(i) {
			continue
		}
		clauses = append(clauses, &lockorder.Clause{
			Verb: lockorder.Same, Left: lockorder.Path{Root: contract.ResultName(i), Fields: field.path}, Right: path, Owner: "func " + f.label(),
		})
	}
	return clauses
}

// A filling is what the only store to a field of a new object puts there.
type filling struct {
	path []string
	val  ssa.Value
}

// fillings returns the pointers to objects with locks in the struct at addr.
func (f *function) fillings(addr ssa.Value, path []string) []filling {
	var out []filling
	for _, use := range *addr.Referrers() {
		field, ok := use.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		v := fieldVar(addr.Type(), field.Field)
		here := append(slices.Clone(path), v.Name())
		if _, nested := v.Type().Underlying().(*types.Struct); nested && len(here) < maxFilling {
			out = append(out, f.fillings(field, here)...)
			continue
		}
		if val := storedOnce(field); val != nil && hasLocks(v.Type()) {
			out = append(out, filling{here, val})
		}
	}
	return out
}

// maxFilling is how deep the structs in a struct are looked into.
const maxFilling = 3

// handsOut says whether every return gives callers a lock's owner inside of an interface: nobody can tell which of its
// methods gives the lock back.
func (f *function) handsOut(lock Obj, returns []returning) bool {
	for i := range f.ssa.Signature.Results().Len() {
		t := f.ssa.Signature.Results().At(i).Type()
		if !types.IsInterface(t) || contract.IsError(t) {
			continue
		}
		for _, r := range returns {
			w := wrapping{f: f, lock: lock, seen: map[ssa.Value]bool{}}
			if w.has(r.ret.Results[i], 0) {
				return true
			}
		}
	}
	return false
}

// wrapping looks for a lock's owner in the values that another is made of.
type wrapping struct {
	f    *function
	lock Obj
	seen map[ssa.Value]bool
}

func (w *wrapping) has(v ssa.Value, depth int) bool {
	if w.seen[v] || depth > maxIndirection {
		return false
	}
	w.seen[v] = true
	switch v := v.(type) {
	case *ssa.Const:
		return false
	case *ssa.MakeInterface:
		return w.has(v.X, depth+1)
	case *ssa.ChangeInterface:
		return w.has(v.X, depth+1)
	case *ssa.Phi:
		return slices.ContainsFunc(v.Edges, func(e ssa.Value) bool { return w.has(e, depth+1) })
	case *ssa.Extract:
		return w.has(v.Tuple, depth+1)
	case *ssa.Call:
		return w.made(v, depth)
	case *ssa.UnOp:
		if alloc, ok := v.X.(*ssa.Alloc); ok {
			return w.has(alloc, depth+1)
		}
	case *ssa.Alloc:
		if w.filledWith(v, depth) {
			return true
		}
	}
	return w.leads(v)
}

// made says whether the result of a call is made of what it is given: of another handle, or of the lock's owner by a function
// of the package that makes one.
func (w *wrapping) made(call *ssa.Call, depth int) bool {
	fn := call.Call.StaticCallee()
	for i, arg := range call.Call.Args {
		if w.leads(arg) {
			if fn == nil || fn.Pkg != w.f.pkg.ssa || i >= len(fn.Params) || !returnsMadeOf(fn, fn.Params[i]) {
				continue
			}
			return true
		}
		if types.IsInterface(arg.Type()) && w.has(arg, depth+1) {
			return true
		}
	}
	return false
}

// returnsMadeOf says whether a function returns a new object in which it stores a parameter.
func returnsMadeOf(fn *ssa.Function, p *ssa.Parameter) bool {
	for _, use := range *p.Referrers() {
		store, ok := use.(*ssa.Store)
		if !ok || store.Val != p {
			continue
		}
		addr := store.Addr
		for {
			field, ok := addr.(*ssa.FieldAddr)
			if !ok {
				break
			}
			addr = field.X
		}
		if alloc, ok := addr.(*ssa.Alloc); ok && alloc.Heap {
			return true
		}
	}
	return false
}

// filledWith says whether the owner is stored somewhere in the object at addr.
func (w *wrapping) filledWith(addr ssa.Value, depth int) bool {
	return slices.ContainsFunc(*addr.Referrers(), func(use ssa.Instruction) bool {
		switch use := use.(type) {
		case *ssa.FieldAddr:
			return depth <= maxIndirection && w.filledWith(use, depth+1)
		case *ssa.Store:
			return use.Addr == addr && w.has(use.Val, depth+1)
		}
		return false
	})
}

// leads says whether the lock is reached through v.
func (w *wrapping) leads(v ssa.Value) bool {
	if _, ok := v.Type().Underlying().(*types.Pointer); !ok {
		return false
	}
	of := w.f.objs.of(v)
	for id := w.lock; id != 0; {
		if id == of {
			return true
		}
		switch n := w.f.objs.nodes[id]; n.kind {
		case fieldNode, derefNode, indexNode, elemNode:
			id = n.base
		default:
			return false
		}
	}
	return false
}
