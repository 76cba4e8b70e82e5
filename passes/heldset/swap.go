package heldset

import (
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// heldBySwap says whether what is missing is the lock of one of two objects whose locks are both held under other names:
//
//	first, second := a, b
//	if a.id > b.id { first, second = b, a }
//	first.mu.Lock(); second.mu.Lock()
//
// Which of them is a is not known, but a.mu is held.
func (f *function) heldBySwap(h state, m lockorder.Missing[Obj]) bool {
	p := f.objs.root(m.Lock.Of)
	if p == nil {
		return false
	}
	var held []*ssa.Phi
	for _, x := range h.Locks() {
		v, ok := f.objs.root(x.Lock.Of).(*ssa.Phi)
		if !ok || x.Lock.Class != m.Lock.Class || !x.Certain() || !x.Mode.Satisfies(m.Want) {
			continue
		}
		if id, same := f.rebase(m.Lock.Of, f.objs.of(p), f.objs.of(v)); same && id == x.Lock.Of {
			held = append(held, v)
		}
	}
	for i, v := range held {
		for _, w := range held[:i] {
			if v.Block() == w.Block() && alwaysOne(v, w, p) {
				return true
			}
		}
	}
	return false
}

// alwaysOne says whether one of two phis is p, whichever way their block is reached.
func alwaysOne(v, w *ssa.Phi, p ssa.Value) bool {
	for i := range v.Edges {
		if v.Edges[i] != p && w.Edges[i] != p {
			return false
		}
	}
	return true
}
