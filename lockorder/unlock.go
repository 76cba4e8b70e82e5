package lockorder

import "slices"

func (h Held[I]) release(e Event[I]) (Held[I], []Violation[I]) {
	i := h.same(e.Lock)
	if i < 0 {
		if e.Lock.Class.Unbalanced(e.Mode) {
			return h, nil
		}
		return h, []Violation[I]{{Rule: RuleUnheld, Event: e, Clause: e.Clause}}
	}
	x := h.locks[i]
	if len(x.When) > 0 {
		return h.split(x, e)
	}
	var broken []Violation[I]
	if e.Mode != AnyMode && x.Mode != e.Mode {
		broken = append(broken, Violation[I]{Rule: RuleWrongMode, Event: e, Clause: e.Clause, Holder: &x, Maybe: x.Maybe})
	}
	if x.Maybe && !x.dependent() {
		broken = append(broken, Violation[I]{Rule: RuleUnheld, Event: e, Clause: e.Clause, Maybe: true, Holder: &x})
	}
	if x.Depth > 1 {
		x.Depth--
		return h.replace(i, x), broken
	}
	h, late := h.remove(i).over(x.Lock, Releases, e)
	return h, append(broken, late...)
}

// over removes the holdings that end with an operation on lock, and those that end with them in turn. It finds the duties
// that had to be done before any of these locks was released; they are not asked for again.
func (h Held[I]) over(lock Lock[I], on Verb, e Event[I]) (Held[I], []Violation[I]) {
	var late []Violation[I]
	if on == Releases {
		h, late = h.overdue(func(d Duty) bool { return d.Release == lock.Class.Name }, e)
	}
	ends := func(x Holding[I]) bool {
		return slices.ContainsFunc(x.Ends, func(b BoundEnd[I]) bool {
			return b.On == on && b.Of.is(lock) && (b.Mode == AnyMode || b.Mode == x.Mode)
		})
	}
	h = h.recall(lock, ends, e)
	for {
		i := slices.IndexFunc(h.locks, func(x Holding[I]) bool { return x.While == nil && ends(x) })
		if i < 0 {
			return h, late
		}
		var more []Violation[I]
		h, more = h.remove(i).over(h.locks[i].Lock, Releases, e)
		late = append(late, more...)
	}
}

func (h Held[I]) downgrade(e Event[I]) (Held[I], []Violation[I]) {
	i := h.same(e.Lock)
	if i < 0 {
		return h, []Violation[I]{{Rule: RuleUnheld, Event: e, Clause: e.Clause}}
	}
	x := h.locks[i]
	if len(x.When) > 0 {
		return h.split(x, e)
	}
	var broken []Violation[I]
	if x.Maybe {
		broken = append(broken, Violation[I]{Rule: RuleUnheld, Event: e, Clause: e.Clause, Maybe: true, Holder: &x})
	}
	if x.Mode != WriteMode {
		held := x
		broken = append(broken, Violation[I]{Rule: RuleWrongMode, Event: e, Clause: e.Clause, Holder: &held, Maybe: x.Maybe})
	}
	x.Mode = ReadMode
	h, late := h.replace(i, x).over(x.Lock, Downgrades, e)
	return h, append(broken, late...)
}

// drop releases a lock and takes it again, so that the rules of both hold. Whether the lock must be held is for a requires
// clause to say.
func (h Held[I]) drop(e Event[I]) (Held[I], []Violation[I]) {
	i := h.same(e.Lock)
	var broken []Violation[I]
	if i >= 0 {
		x := h.locks[i]
		if len(x.When) > 0 {
			return h.split(x, e)
		}
		info := e.Lock.Class.Kind.Info()
		if info.Blocks {
			broken = append(broken, h.misordered(e)...)
		}
		if info.Sleeps {
			broken = append(broken, h.sleep(e)...)
		}
		for j := range broken {
			broken[j].Maybe = broken[j].Maybe || x.Maybe
		}
	}
	h, late := h.over(e.Lock, Releases, e)
	return h, append(broken, late...)
}

func (h Held[I]) end(e Event[I]) (Held[I], []Violation[I]) {
	i := h.same(e.Lock)
	if i < 0 {
		return h, []Violation[I]{{Rule: RulePair, Event: e, Clause: e.Clause}}
	}
	x := h.locks[i]
	if len(x.When) > 0 {
		return h.split(x, e)
	}
	var broken []Violation[I]
	if x.Maybe {
		broken = append(broken, Violation[I]{Rule: RulePair, Event: e, Clause: e.Clause, Maybe: true})
	}
	if pair := h.profile.Pair(e.Pair); pair != nil && pair.LIFO {
		for j := len(h.locks) - 1; j > i; j-- {
			if other := h.profile.Pair(h.locks[j].Lock.Class.Name); other != nil && other.LIFO && h.locks[j].Certain() {
				broken = append(broken, Violation[I]{Rule: RulePair, Event: e, Clause: e.Clause, Holder: &h.locks[j]})
				break
			}
		}
	}
	return h.remove(i), broken
}

// leaks finds what is still held at the end and what the contract promises but is not held. What e keeps under conditions
// is decided in each of their cases.
func (h Held[I]) leaks(e Event[I], splits int) []Violation[I] {
	if h.dead {
		return nil
	}
	for _, k := range e.Keep {
		for _, l := range k.When {
			if splits > 0 && h.Knows(l) == Unknown {
				return unite(h.Assume(l).leaks(e, splits-1), h.Assume(l.Negate()).leaks(e, splits-1))
			}
		}
	}
	var broken []Violation[I]
	for i, x := range h.locks {
		if n := h.kept(x.Lock, e.Keep); n == 0 && !x.dependent() || n > 0 && x.Depth > n {
			broken = append(broken, Violation[I]{Rule: RuleLeak, Event: e, Holder: &h.locks[i], Maybe: !x.Certain()})
		}
	}
	for _, k := range e.Keep {
		promised := !k.Optional && !slices.ContainsFunc(k.When, func(l Literal[I]) bool { return h.Knows(l) != True })
		if promised && !h.meets(BoundNeed[I]{Op: NeedLock, Lock: k.Lock, Mode: k.Mode}, maxSplits) {
			at := e
			at.Lock = k.Lock
			broken = append(broken, Violation[I]{Rule: RuleReturnUnheld, Event: at, Clause: e.Clause, Maybe: h.same(k.Lock) >= 0})
		}
	}
	return broken
}

// kept counts the entries of keep that let lock stay held.
func (h Held[I]) kept(lock Lock[I], keep []Keep[I]) int {
	n := 0
	for _, k := range keep {
		if k.Lock.is(lock) && !slices.ContainsFunc(k.When, func(l Literal[I]) bool { return h.Knows(l) == False }) {
			n++
		}
	}
	return n
}
