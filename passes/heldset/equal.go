package heldset

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// A tested equality of two pointers: every way to where it holds goes through a test.
type tested struct{ x, y ssa.Value }

// testedEqual returns the pointers to objects with locks that are equal at an instruction, because the code tests them.
func (f *function) testedEqual(at ssa.Instruction) []tested {
	var out []tested
	for _, b := range f.ssa.Blocks {
		branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !ok || !b.Dominates(at.Block()) {
			continue
		}
		cmp, ok := branch.Cond.(*ssa.BinOp)
		if !ok || cmp.Op != token.EQL && cmp.Op != token.NEQ || !hasLocks(cmp.X.Type()) {
			continue
		}
		equal := b.Succs[0]
		if cmp.Op == token.NEQ {
			equal = b.Succs[1]
		}
		if len(equal.Preds) == 1 && equal.Dominates(at.Block()) {
			out = append(out, tested{cmp.X, cmp.Y})
		}
	}
	return out
}

// heldByAnotherName says whether what is missing is held under another path to the same object: child.fs.mu is parent.fs.mu
// behind "if child.fs != parent.fs { return }".
func (f *function) heldByAnotherName(h state, v lockorder.Violation[Obj], at ssa.Instruction) bool {
	if v.Rule != lockorder.RuleNotHeld || len(v.Missing) == 0 || len(h.Locks()) == 0 {
		return false
	}
	equal := f.testedEqual(at)
	for _, m := range v.Missing {
		if m.Lock.Class == nil || m.Not || m.Pair != "" || len(m.Or) > 0 {
			return false
		}
		if m.Have != nil {
			if !f.heldUnlessSame(h, m) {
				return false
			}
			continue
		}
		if !f.heldBySwap(h, m) && !f.heldBySame(h, m, equal) {
			return false
		}
	}
	return true
}

// heldBySame says whether what is missing is held by the name of another pointer that is known to be equal.
func (f *function) heldBySame(h state, m lockorder.Missing[Obj], equal []tested) bool {
	return slices.ContainsFunc(equal, func(t tested) bool {
		x, y := f.objs.of(t.x), f.objs.of(t.y)
		return f.heldVia(h, m, x, y) || f.heldVia(h, m, y, x)
	})
}

// heldUnlessSame says whether what is missing is held where two pointers differ, and held by the other name where they do not:
//
//	from.mu.Lock()
//	if to != from { to.mu.Lock() }
func (f *function) heldUnlessSame(h state, m lockorder.Missing[Obj]) bool {
	if m.Have.Maybe || len(m.Have.When) != 1 || !m.Have.Mode.Satisfies(m.Want) {
		return false
	}
	return slices.ContainsFunc(m.Have.When[0], func(l literal) bool {
		n := f.objs.nodes[l.Subject]
		if n.kind != opNode || n.op != token.EQL || l.Op != lockorder.Zero {
			return false
		}
		return f.heldVia(h, m, n.base, n.other) || f.heldVia(h, m, n.other, n.base)
	})
}

func (f *function) heldVia(h state, m lockorder.Missing[Obj], from, to Obj) bool {
	id, ok := f.rebase(m.Lock.Of, from, to)
	if !ok {
		return false
	}
	x, held := h.Find(m.Lock.Class.Name, id)
	return held && x.Certain() && x.Mode.Satisfies(m.Want)
}

// rebase returns the path id with its beginning from replaced by to.
func (f *function) rebase(id, from, to Obj) (Obj, bool) {
	if id == from {
		return to, true
	}
	n := f.objs.nodes[id]
	if n.kind != fieldNode {
		return 0, false
	}
	base, ok := f.rebase(n.base, from, to)
	if !ok {
		return 0, false
	}
	n.base = base
	other, known := f.objs.number[n]
	return other, known
}
