package heldset

import (
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// believe returns h where a lock that is held under a condition is given back for a moment: what is taken again is believed to
// have been held. That counts where the code has looked at the same object as the condition does, and so knows what goes
// together: that a synthetic inode is no device.
func (f *function) believe(h state, e event, at ssa.Instruction) state {
	if e.Op != lockorder.EvRelease || len(e.When) > 0 || e.Maybe {
		return h
	}
	x, held := h.Find(e.Lock.Class.Name, e.Lock.Of)
	if !held || x.Maybe || len(x.When) != 1 {
		return h
	}
	for _, l := range x.When[0] {
		if owner := f.propertyOf(l.Subject); owner != 0 && f.looksAt(owner, l.Subject, at) && f.takenAgain(e.Lock, at) {
			return h.Assume(l)
		}
	}
	return h
}

// propertyOf returns the object of which a condition is a property: the one that has the field, or whose method it is.
func (f *function) propertyOf(id Obj) Obj {
	switch n := f.objs.nodes[id]; n.kind {
	case fieldNode:
		return n.base
	case valueNode:
		if call, ok := n.val.(*ssa.Call); ok && !call.Call.IsInvoke() && len(call.Call.Args) == 1 && call.Call.Signature().Recv() != nil {
			return f.objs.of(call.Call.Args[0])
		}
	}
	return 0
}

// looksAt says whether an instruction is where a branch, about another property of the object than but, has decided for it.
func (f *function) looksAt(owner, but Obj, at ssa.Instruction) bool {
	for b := at.Block(); b.Idom() != nil; b = b.Idom() {
		branch, ok := b.Idom().Instrs[len(b.Idom().Instrs)-1].(*ssa.If)
		if !ok || len(b.Preds) != 1 {
			continue
		}
		if l := f.condition(branch.Cond); l.Subject != but && f.propertyOf(l.Subject) == owner {
			return true
		}
	}
	return false
}

// takenAgain says whether every way from an instruction to a return takes the lock.
func (f *function) takenAgain(lock lockorder.Lock[Obj], at ssa.Instruction) bool {
	seen := make([]bool, len(f.ssa.Blocks))
	var walk func(b *ssa.BasicBlock, from int) bool
	walk = func(b *ssa.BasicBlock, from int) bool {
		for _, instr := range b.Instrs[from:] {
			if call, ok := instr.(*ssa.Call); ok && f.acquiresLock(call, lock) {
				return true
			}
			if _, ok := instr.(*ssa.Return); ok {
				return false
			}
		}
		for _, s := range b.Succs {
			if !seen[s.Index] {
				seen[s.Index] = true
				if !walk(s, 0) {
					return false
				}
			}
		}
		return true
	}
	return walk(at.Block(), f.objs.mem.pos[at]+1)
}

// acquiresLock says whether a call takes a lock.
func (f *function) acquiresLock(call *ssa.Call, lock lockorder.Lock[Obj]) bool {
	c := f.callee(call.Common())
	return c != nil && slices.ContainsFunc(c.Clauses, func(k *lockorder.Clause) bool {
		if k.Verb != lockorder.Acquires || len(k.On) > 0 {
			return false
		}
		got, ok := binding{f: f, callee: c, call: call, at: call}.LockAt(k.Lock.Of)
		return ok && got == lock
	})
}
