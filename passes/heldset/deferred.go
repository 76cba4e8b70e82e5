package heldset

import (
	"iter"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// deferClass is the class under which the state remembers deferred calls: a deferred call is "held" from the defer to the
// end of the function, under the same conditions as a lock would be, so that joins treat both alike.
var deferClass = &lockorder.Class{Name: "defer", Kind: lockorder.Token}

// These bound how many deferred calls may be pending at one point: those that may run or not, each by a condition of its own,
// so that the cost of a join is quadratic in them; and all. Functions with more are generated.
const (
	maxConditional = 16
	maxDeferred    = 256
)

func deferredCalls(h state) iter.Seq[lockorder.Holding[Obj]] {
	return func(yield func(lockorder.Holding[Obj]) bool) {
		for _, x := range h.Locks() {
			if x.Lock.Class == deferClass && !yield(x) {
				return
			}
		}
	}
}

// deferred remembers a deferred call.
func (f *function) deferred(d *ssa.Defer, h state) state {
	if f.callee(d.Common()) == nil {
		return h
	}
	id, ok := f.deferIDs[d]
	if !ok {
		id = f.freshLiteral().Subject
		f.deferIDs[d] = id
		f.defers[id] = d
	}
	lock := lockorder.Lock[Obj]{Class: deferClass, Of: id}
	if _, again := h.Find(deferClass.Name, id); again {
		return h // in a loop: it runs as often, which one run stands for
	}
	pending, conditional := 0, 0
	for x := range deferredCalls(h) {
		if pending++; !x.Certain() {
			conditional++
		}
	}
	if pending >= maxDeferred || conditional >= maxConditional {
		f.tooMany = true
		return h
	}
	h, _ = h.Step(event{Op: lockorder.EvBegin, Lock: lock, Site: lockorder.Site(d.Pos())})
	return h
}

// runDefers runs the remembered calls, last first, each under the conditions under which it was deferred.
func (f *function) runDefers(at *ssa.RunDefers, h state) state {
	if f.tooMany {
		return lockorder.Unreachable[Obj](f.profile) // of what follows, nothing is said
	}
	calls := slices.Collect(deferredCalls(h))
	slices.Reverse(calls)
	for _, x := range calls {
		d := f.defers[x.Lock.Of]
		c := f.callee(d.Common())
		b := binding{f: f, callee: c, at: at} // what a literal captures is read when it runs
		f.takeIn(h, c, d)
		if !x.Maybe && len(x.When) == 0 {
			h = f.useIn(h, d.Common(), d)
		}
		before, after := lockorder.CallEvents(f.profile, c.Func, b, lockorder.Site(d.Pos()))
		events := append(before, after...)
		for i := range events {
			for _, s := range x.When {
				events[i].When = append(slices.Clip(events[i].When), s[0])
			}
		}
		h = f.runDeferred(h, events, x, c, d)
		h, _ = h.Step(event{Op: lockorder.EvEnd, Lock: x.Lock, Pair: deferClass.Name})
	}
	return h
}

// runDeferred steps through one deferred call. Of a call that was deferred on some unknown paths only, nothing is reported.
func (f *function) runDeferred(h state, events []event, x lockorder.Holding[Obj], c *callee, d *ssa.Defer) state {
	if !x.Maybe {
		return f.steps(h, events, c, d)
	}
	found := f.found
	f.found = nil
	run := f.steps(h, events, c, d)
	f.found = found
	return run.Join(h)
}
