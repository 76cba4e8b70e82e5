package lockorder

import "slices"

// Step returns the state after e and the rules that e breaks in state h. It is the only place where a lock rule is decided.
// It is pure and deterministic. After a violation the state goes on as if the event had been meant: a lock that is missing
// is not added, a lock that is taken twice is held once.
func (h Held[I]) Step(e Event[I]) (Held[I], []Violation[I]) {
	if h.dead {
		return h, nil
	}
	if len(e.When) > 0 {
		return h.stepWhen(e)
	}
	switch e.Op {
	case EvAcquire:
		return h.acquire(e)
	case EvRelease:
		return h.release(e)
	case EvDowngrade:
		return h.downgrade(e)
	case EvRequire:
		return h, h.require(e)
	case EvExclude:
		return h, h.exclude(e)
	case EvDrop:
		return h.ended(e.Lock, Releases), nil
	case EvSleep:
		return h, h.sleep(e)
	case EvBegin:
		return h.add(Holding[I]{Lock: e.Lock, Mode: WriteMode, Depth: 1, Clause: e.Clause, Func: e.Func, Site: e.Site}), nil
	case EvEnd:
		return h.end(e)
	case EvDo:
		return h.do(e)
	case EvAssume:
		return h.Assume(e.Fact), nil
	case EvForget:
		return h.Forget(e.Subject), nil
	case EvKnow:
		if h.knowsAll(*e.Knows) {
			return h, nil
		}
		missing := []Missing[I]{{Knows: e.Knows.Clause.If, Clause: e.Clause}}
		return h, []Violation[I]{{Rule: RuleUnknown, Event: e, Clause: e.Clause, Missing: missing}}
	case EvReturn:
		return h, h.leaks(e)
	}
	panic("lockorder: Step of an event with an unknown Op")
}

// stepWhen splits a conditional event into the case that it happens and the case that it does not.
func (h Held[I]) stepWhen(e Event[I]) (Held[I], []Violation[I]) {
	l := e.When[0]
	e.When = e.When[1:]
	yes, violations := h.Assume(l).Step(e)
	if e.Op.checksOnly() {
		return h, violations
	}
	return yes.Join(h.Assume(l.Negate())), violations
}

// checksOnly says whether events of this op leave the state as it is.
func (op EventOp) checksOnly() bool {
	return op == EvRequire || op == EvExclude || op == EvSleep || op == EvKnow || op == EvReturn
}

func (h Held[I]) add(x Holding[I]) Held[I] {
	h.locks = append(slices.Clip(h.locks), x)
	return h
}

func (h Held[I]) remove(i int) Held[I] {
	h.locks = slices.Delete(slices.Clone(h.locks), i, i+1)
	return h
}

func (h Held[I]) replace(i int, x Holding[I]) Held[I] {
	h.locks = slices.Clone(h.locks)
	h.locks[i] = x
	return h
}

// same finds a holding of the same lock, whatever its subclass; a certain one if there is one.
func (h Held[I]) same(l Lock[I]) int {
	found := -1
	for i, x := range h.locks {
		if x.Lock.Class == l.Class && x.Lock.Of == l.Of && (found < 0 || x.Certain() && !h.locks[found].Certain()) {
			found = i
		}
	}
	return found
}

func (h Held[I]) acquire(e Event[I]) (Held[I], []Violation[I]) {
	info := e.Lock.Class.Kind.Info()
	var broken []Violation[I]
	if i := h.same(e.Lock); i >= 0 && !h.locks[i].Maybe {
		x := h.locks[i]
		if info.Nests {
			x.Depth++
			return h.replace(i, x), nil
		}
		rule := RuleDoubleLock
		if x.Mode == ReadMode && e.Mode == ReadMode {
			rule = RuleRecursion
		}
		if !e.Try && !(rule == RuleRecursion && info.ReadRecurse) {
			broken = append(broken, Violation[I]{Rule: rule, Event: e, Clause: e.Clause, Holder: &x})
		}
		if !info.ReadRecurse {
			return h, broken
		}
		x.Depth++
		return h.replace(i, x), broken
	}
	if info.Blocks && !e.Try {
		broken = append(broken, h.misordered(e)...)
	}
	if info.Sleeps && !e.Try {
		broken = append(broken, h.sleep(e)...)
	}
	return h.add(Holding[I]{
		Lock: e.Lock, Mode: e.Mode, Depth: 1, Ends: e.Ends, Try: e.Try, Clause: e.Clause, Func: e.Func, Site: e.Site,
	}), broken
}

// misordered finds the locks held under which e's lock must not be taken: inner ones by the declared order, and others of
// its class without a licence.
func (h Held[I]) misordered(e Event[I]) []Violation[I] {
	var broken []Violation[I]
	want := ClassRef{e.Lock.Class.Name, e.Lock.Sub}
	for i, x := range h.locks {
		if x.Maybe || !x.Lock.Class.Kind.Info().Blocks {
			continue
		}
		have := ClassRef{x.Lock.Class.Name, x.Lock.Sub}
		if o := h.profile.Outer(want, have); o != nil {
			broken = append(broken, Violation[I]{Rule: RuleOrder, Event: e, Order: o, Holder: &h.locks[i]})
		} else if x.Lock.Class == e.Lock.Class && h.profile.Ordered(ClassRef{Class: want.Class}) && !h.mayNest(x, e) {
			broken = append(broken, Violation[I]{Rule: RuleNesting, Event: e, Holder: &h.locks[i]})
		}
	}
	return broken
}

// mayNest says whether a licence allows e's lock under x of the same class. Address order is not decided here: identities
// have no order for every witness.
func (h Held[I]) mayNest(x Holding[I], e Event[I]) bool {
	if h.profile.Outer(ClassRef{x.Lock.Class.Name, x.Lock.Sub}, ClassRef{e.Lock.Class.Name, e.Lock.Sub}) != nil {
		return true
	}
	return slices.ContainsFunc(h.profile.Nests(e.Lock.Class.Name), func(n *Nest) bool {
		if n.By == "subclass" && x.Lock.Sub == e.Lock.Sub {
			return false
		}
		return n.While.Class == "" || slices.ContainsFunc(h.locks, func(y Holding[I]) bool {
			return y.Lock.Class.Name == n.While.Class && y.Mode == WriteMode && y.Certain()
		})
	})
}

func (h Held[I]) release(e Event[I]) (Held[I], []Violation[I]) {
	i := h.same(e.Lock)
	if i < 0 {
		return h, []Violation[I]{{Rule: RuleUnheld, Event: e, Clause: e.Clause}}
	}
	x := h.locks[i]
	if len(x.When) > 0 {
		return h.splitOn(x, e)
	}
	var broken []Violation[I]
	if e.Mode != AnyMode && x.Mode != e.Mode {
		broken = append(broken, Violation[I]{Rule: RuleWrongMode, Event: e, Clause: e.Clause, Holder: &x})
	}
	if x.Maybe {
		broken = append(broken, Violation[I]{Rule: RuleUnheld, Event: e, Clause: e.Clause, Maybe: true, Holder: &x})
	}
	if x.Depth > 1 {
		x.Depth--
		return h.replace(i, x), broken
	}
	return h.remove(i).ended(x.Lock, Releases), append(broken, h.overdue(e)...)
}

// splitOn decides e in the two cases of a condition under which x is held.
func (h Held[I]) splitOn(x Holding[I], e Event[I]) (Held[I], []Violation[I]) {
	l := x.When[0][0]
	yes, broken := h.Assume(l).Step(e)
	no, more := h.Assume(l.Negate()).Step(e)
	for i := range more {
		more[i].Maybe = true
		if more[i].Holder == nil {
			more[i].Holder = &x
		}
	}
	return yes.Join(no), append(broken, more...)
}

// ended removes the holdings that end with an operation on lock.
func (h Held[I]) ended(lock Lock[I], on Verb) Held[I] {
	ends := func(x Holding[I]) bool {
		return slices.ContainsFunc(x.Ends, func(e BoundEnd[I]) bool {
			return e.On == on && e.Of.Class == lock.Class && e.Of.Of == lock.Of && (e.Mode == AnyMode || e.Mode == x.Mode)
		})
	}
	if slices.ContainsFunc(h.locks, ends) {
		h.locks = slices.DeleteFunc(slices.Clone(h.locks), ends)
	}
	return h
}

func (h Held[I]) downgrade(e Event[I]) (Held[I], []Violation[I]) {
	i := h.same(e.Lock)
	if i < 0 {
		return h, []Violation[I]{{Rule: RuleUnheld, Event: e, Clause: e.Clause}}
	}
	x := h.locks[i]
	if len(x.When) > 0 {
		return h.splitOn(x, e)
	}
	var broken []Violation[I]
	if x.Mode != WriteMode {
		e.Mode = WriteMode
		broken = append(broken, Violation[I]{Rule: RuleWrongMode, Event: e, Clause: e.Clause, Holder: &x})
	}
	x.Mode = ReadMode
	return h.replace(i, x).ended(x.Lock, Downgrades), broken
}

func (h Held[I]) exclude(e Event[I]) []Violation[I] {
	for i, x := range h.locks {
		if x.Lock.Class == e.Lock.Class && x.Lock.Of == e.Lock.Of && !x.Maybe && x.Mode.Satisfies(e.Mode) {
			return []Violation[I]{{Rule: RuleExcluded, Event: e, Clause: e.Clause, Holder: &h.locks[i]}}
		}
	}
	return nil
}

// sleep finds a lock in whose atomic context e sleeps.
func (h Held[I]) sleep(e Event[I]) []Violation[I] {
	for i, x := range h.locks {
		if x.Lock.Class.Kind.Info().Atomic && !x.Maybe {
			return []Violation[I]{{Rule: RuleSleep, Event: e, Clause: e.Clause, Holder: &h.locks[i]}}
		}
	}
	return nil
}

func (h Held[I]) end(e Event[I]) (Held[I], []Violation[I]) {
	i := h.same(e.Lock)
	if i < 0 {
		return h, []Violation[I]{{Rule: RulePair, Event: e, Clause: e.Clause}}
	}
	if len(h.locks[i].When) > 0 {
		return h.splitOn(h.locks[i], e)
	}
	var broken []Violation[I]
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

// leaks finds what is still held at the end and what the contract promises but is not held.
func (h Held[I]) leaks(e Event[I]) []Violation[I] {
	var broken []Violation[I]
	for i, x := range h.locks {
		kept := slices.ContainsFunc(e.Keep, func(k Keep[I]) bool { return k.Lock.Class == x.Lock.Class && k.Lock.Of == x.Lock.Of })
		if !kept {
			broken = append(broken, Violation[I]{Rule: RuleLeak, Event: e, Holder: &h.locks[i], Maybe: !x.Certain()})
		}
	}
	for _, k := range e.Keep {
		at := h
		for _, l := range k.When {
			at = at.Assume(l)
		}
		need := BoundNeed[I]{Op: NeedLock, Lock: k.Lock, Mode: k.Mode}
		if !at.dead && !at.meets(need, maxSplits) {
			e := e
			e.Lock = k.Lock
			broken = append(broken, Violation[I]{Rule: RuleReturnUnheld, Event: e, Clause: e.Clause})
		}
	}
	return broken
}
