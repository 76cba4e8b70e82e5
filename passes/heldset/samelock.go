package heldset

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// sameLock lets the states behind a branch know what "if (ptl != pml)" tests: where two names are those of one lock, who
// holds it by one name holds it by the other, until it is released. A table of PTEs may share its lock with the table above.
func (f *function) sameLock(cond ssa.Value, out []state) {
	cmp, ok := cond.(*ssa.BinOp)
	if !ok || cmp.Op != token.EQL && cmp.Op != token.NEQ || !isLock(cmp.X.Type()) || !isLock(cmp.Y.Type()) {
		return
	}
	if _, ok := cmp.X.Type().Underlying().(*types.Pointer); !ok {
		return
	}
	equal := 0
	if cmp.Op == token.NEQ {
		equal = 1
	}
	x, y := f.lockAt(f.objs.of(cmp.X)), f.lockAt(f.objs.of(cmp.Y))
	out[equal] = alsoHeld(alsoHeld(out[equal], x, y), y, x)
}

// alsoHeld returns h where lock as is held if lock is, and is released with it.
func alsoHeld(h state, lock, as lockorder.Lock[Obj]) state {
	x, held := h.Find(lock.Class.Name, lock.Of)
	if _, both := h.Find(as.Class.Name, as.Of); !held || both || lock == as {
		return h
	}
	end := lockorder.BoundEnd[Obj]{Mode: x.Mode, On: lockorder.Releases, Of: lock}
	h, _ = h.Step(event{
		Op: lockorder.EvAcquire, Lock: as, Mode: x.Mode, Ends: []lockorder.BoundEnd[Obj]{end}, Clause: x.Clause, Func: x.Func, Site: x.Site,
	})
	return h
}
