package heldset

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// mayBeHeld says whether what is missing is the lock of an owner that the code reaches in another way than the caller, who
// holds a lock of the class: that d.fs and fs are one is known to those who wrote "d.fs.mu must be locked", and they have no
// way to say it. It counts for annotations and comments of other tools; who writes directives for mmvet declares it.
func (f *function) mayBeHeld(v lockorder.Violation[Obj], c *callee, h state) bool {
	if v.Rule != lockorder.RuleNotHeld || len(v.Missing) == 0 {
		return false
	}
	if !slices.ContainsFunc(v.Missing, func(m lockorder.Missing[Obj]) bool { return !f.givenWith(m, h) }) {
		return true
	}
	return f.owners(v, c) && !slices.ContainsFunc(v.Missing, func(m lockorder.Missing[Obj]) bool {
		return !f.throughPointer(m.Lock.Of) || !slices.ContainsFunc(h.Locks(), func(x lockorder.Holding[Obj]) bool {
			return x.Lock.Class == m.Lock.Class && x.Certain() && x.Mode.Satisfies(m.Want)
		})
	})
}

// owners says whether a need comes from a partial contract, as stated there or as its callers turned out to have it.
func (f *function) owners(v lockorder.Violation[Obj], c *callee) bool {
	return v.Rule == lockorder.RuleNotHeld && c != nil && (c.Partial || !slices.ContainsFunc(v.Missing, func(m lockorder.Missing[Obj]) bool {
		return m.Clause == nil || !f.pkg.lenient[m.Clause]
	}))
}

// throughPointer says whether a field that is a pointer leads to the object that has a lock.
func (f *function) throughPointer(lock Obj) bool {
	for id := f.objs.nodes[lock].base; f.objs.nodes[id].kind == fieldNode; id = f.objs.nodes[id].base {
		if t := f.objs.types[id]; t != nil {
			if _, ok := t.Underlying().(*types.Pointer); ok {
				return true
			}
		}
	}
	return false
}

// givenWith says whether a missing lock is that of an object which a call returned beside others, of which some are held: which of
// the results are one object, those know who wrote the function.
func (f *function) givenWith(m lockorder.Missing[Obj], h state) bool {
	call := f.resultOf(m.Lock.Of)
	return m.Have == nil && call != nil && slices.ContainsFunc(h.Locks(), func(x lockorder.Holding[Obj]) bool {
		return x.Lock.Class == m.Lock.Class && f.resultOf(x.Lock.Of) == call
	})
}

// resultOf returns the call of which an object is one of several results, or part of one; nil if it is none.
func (f *function) resultOf(id Obj) ssa.Value {
	for f.objs.nodes[id].kind == fieldNode {
		id = f.objs.nodes[id].base
	}
	if n := f.objs.nodes[id]; n.kind == resultNode {
		return n.val
	}
	return nil
}
