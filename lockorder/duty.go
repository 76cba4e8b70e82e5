package lockorder

import "slices"

// dueClass is the class of a duty that is not yet done. It stands among what a task holds, so that where paths meet the
// conditions that tell whether the op was performed also tell whether the duty is owed.
var dueClass = &Class{Name: "due", Kind: Token, NoUnlock: true}

// Dues returns the duties that are not yet done.
func (h Held[I]) Dues() []Due[I] {
	var dues []Due[I]
	for _, x := range h.locks {
		if x.Lock.Class == dueClass {
			dues = append(dues, x.due())
		}
	}
	return dues
}

func (x Holding[I]) due() Due[I] {
	return Due[I]{Duty: x.Clause, Op: x.Func, Site: x.Site, Object: x.Lock.Of}
}

// owe adds a duty that an op leaves.
func (h Held[I]) owe(duty *Clause, op string, e Event[I]) Held[I] {
	x := Holding[I]{
		Lock: Lock[I]{Class: dueClass, Sub: duty.Key(), Of: e.Of}, Mode: WriteMode, Depth: 1, Clause: duty, Func: op, Site: e.Site,
		Extent: e.Do.Over,
	}
	same := func(y Holding[I]) bool { return y.Lock == x.Lock }
	if slices.ContainsFunc(h.locks, same) {
		h.locks = slices.DeleteFunc(slices.Clone(h.locks), same)
	}
	return h.add(x)
}

// overdue finds the duties that had to be done before an event, and settles them: they are not asked for again.
func (h Held[I]) overdue(before func(Duty) bool, e Event[I]) (Held[I], []Violation[I]) {
	var broken []Violation[I]
	for _, x := range h.locks {
		if x.Lock.Class == dueClass && before(x.Clause.Duty) {
			due := x.due()
			broken = append(broken, Violation[I]{Rule: RuleDuty, Event: e, Clause: due.Duty, Due: &due, Maybe: !x.Certain()})
		}
	}
	if len(broken) == 0 {
		return h, nil
	}
	return h.settleDues(func(x Holding[I]) bool { return before(x.Clause.Duty) }), broken
}

// settleDues takes away the duties for which done is true.
func (h Held[I]) settleDues(done func(Holding[I]) bool) Held[I] {
	settled := func(x Holding[I]) bool { return x.Lock.Class == dueClass && done(x) }
	if slices.ContainsFunc(h.locks, settled) {
		h.locks = slices.DeleteFunc(slices.Clone(h.locks), settled)
	}
	return h
}
