package explore

import (
	"slices"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// ownSem returns the state of a lock with readers as far as the history itself reads it.
func (w *walker) ownSem(s *sem) value {
	for i := len(w.path) - 1; i >= 0; i-- {
		t := &w.path[i]
		if t.n.sem != s {
			continue
		}
		switch t.how {
		case howSemRead, howSemNest, howSemUnread:
			return t.new
		case howSemDown:
			return w.a.f.move(t.n, t.old).new
		case howSemWrite, howRMW:
			return w.a.f.inits[s.loc]
		}
	}
	return w.a.f.inits[s.loc]
}

// nested reports whether a step is one of a reader that looks at nothing.
func (w *walker) nested(n *node) bool {
	switch n.step() {
	case machine.SemUnread:
		return true
	case machine.SemRead:
		return w.a.f.holders[w.ownSem(n.sem)].has(int(w.p.task))
	}
	return false
}

// semOptions are those of a step on a lock whose readers commute (sem.go).
func (w *walker) semOptions(n *node) (options []taken, waits bool) {
	f, self := w.a.f, int(w.p.task)
	own := w.ownSem(n.sem)
	reads := f.holders[own].has(self)
	step := n.step()
	if w.nested(n) {
		mv := f.move(n, own)
		t := taken{n: n, old: own, new: mv.new, ret: mv.ret, how: howSemNest, fault: mv.fault}
		if mv.fault == nil && !f.holders[mv.new].has(self) {
			t.how = howSemUnread
			w.a.domain(n.sem.ends[self]).accessed |= one(self)
		}
		return []taken{t}, false
	}
	if step == machine.SemWrite {
		waits = n.sem.readers != 0
	}
	for _, old := range w.olds(n) {
		mv := *f.move(n, old)
		t := taken{n: n, old: old, new: mv.new, ret: mv.ret, how: howRMW}
		switch {
		case mv.blocked:
			waits = true
			continue
		case mv.fault != nil:
			t.new, t.how, t.fault = old, howFailed, mv.fault
		case step == machine.SemRead && mv.new == old:
			t.how = howFailed
		case step == machine.SemRead:
			t.how = howSemRead
		case step == machine.SemWrite && reads:
			continue // it waits for itself
		case step == machine.SemWrite:
			t.how = howSemWrite
		case step == machine.SemDowngrade:
			t.how, t.new = howSemDown, f.inits[n.loc]
		}
		options = append(options, t)
	}
	return slices.Clip(options), waits
}
