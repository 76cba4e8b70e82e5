package heldset

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// guarded checks an instruction that accesses guarded fields or variables.
func (f *function) guarded(instr ssa.Instruction, h state) state {
	for _, a := range f.accesses()[instr] {
		h = f.access(a, h)
	}
	return h
}

// An access is one read or write of what a guard protects.
type access struct {
	at    ssa.Instruction
	base  ssa.Value // the struct, or its address; nil for a package variable
	field *types.Var
	guard *contract.Guard
	write bool
	what  string // "map element of ", "" for the field itself
}

// access checks one access: to read, any of the locks must be held in any mode, to write, all for writing.
func (f *function) access(a access, h state) state {
	base := Obj(0)
	if a.base != nil {
		base = f.objs.of(a.base)
		if f.isNew(base, a.at) {
			return h
		}
	}
	need := lockorder.Need{Op: lockorder.NeedAny}
	mode := lockorder.AnyMode
	if a.write {
		need.Op, mode = lockorder.NeedAll, lockorder.WriteMode
	}
	for _, lock := range a.guard.Locks {
		need.Kids = append(need.Kids, lockorder.Need{
			Op: lockorder.NeedLock, Mode: mode, Lock: lockorder.LockExpr{Class: lockorder.AnyClass, Of: lock},
		})
	}
	if len(need.Kids) == 1 {
		need = need.Kids[0]
	}
	clause := &lockorder.Clause{Verb: lockorder.Requires, Need: need, Owner: "guard " + a.field.Name(), From: guardOrigin}
	bound, ok := lockorder.BindNeed(f.profile, need, guardBinding{f, base, a.at})
	if !ok {
		return h
	}
	verb := "reading "
	if a.write {
		verb = "writing "
	}
	name := a.field.Name()
	if n := f.name(base); n != "" {
		name = n + "." + name
	}
	c := &callee{Contract: &contract.Contract{Func: &lockorder.Func{Name: verb + a.what + name}}}
	next, broken := h.Step(event{
		Op: lockorder.EvRequire, Need: &bound, Clause: clause, Func: c.Name, Site: lockorder.Site(a.at.Pos()),
	})
	for _, v := range broken {
		if !f.ownGuard(v, a, base) {
			next = f.unguarded(next, v, c, a.at)
		}
	}
	return next
}

// guardOrigin marks what is needed because of a guard, also where it became a need of a function.
var guardOrigin = []lockorder.Provenance{{File: "the guard of the data"}}

// isGuard says whether a violation is of a guard.
func isGuard(v lockorder.Violation[Obj]) bool {
	return len(v.Missing) > 0 && v.Missing[0].Clause != nil && len(v.Missing[0].Clause.From) == 1 && v.Missing[0].Clause.From[0] == guardOrigin[0]
}

// unguarded handles an access without its lock: it may be for the callers to hold it.
func (f *function) unguarded(h state, v lockorder.Violation[Obj], c *callee, at ssa.Instruction) state {
	if f.heldByAnotherName(h, v, at) || f.mayBeHeld(v, c, h) {
		return h
	}
	if assumed, ok := f.assume(h, v, c, at); ok {
		return assumed
	}
	if f.found == nil {
		return h
	}
	found := f.finding(v, c, at, h)
	found.Related = slices.DeleteFunc(found.Related, func(r analysis.RelatedInformation) bool { return !r.Pos.IsValid() || r.Pos == found.Pos })
	if !found.Pos.IsValid() {
		return h
	}
	f.unguardedFound = append(f.unguardedFound, found)
	return h
}

// guardBinding is the binding of a guard.
type guardBinding struct {
	f    *function
	base Obj
	at   ssa.Instruction
}

// Object implements lockorder.Binding.
func (b guardBinding) Object(p lockorder.Path) (Obj, bool) {
	if p.Root == contract.Self {
		id := b.f.objs.path(b.base, p.Fields, b.at)
		return id, id != 0
	}
	c := &callee{Contract: &contract.Contract{Func: &lockorder.Func{}}}
	return binding{f: b.f, callee: c, at: b.at}.Object(p)
}

// LockAt implements lockorder.Binding.
func (b guardBinding) LockAt(p lockorder.Path) (lockorder.Lock[Obj], bool) {
	id, ok := b.Object(p)
	if !ok {
		return lockorder.Lock[Obj]{}, false
	}
	return b.f.lockAt(id), true
}

// Test implements lockorder.Binding: guards have no conditions.
func (b guardBinding) Test(lockorder.Test) (lockorder.Truth, literal, bool) {
	return lockorder.Unknown, literal{}, false
}
