package lockorder

import "slices"

// Step returns the state after e and the rules that e breaks in state h. It is the only place where a lock rule is decided.
// It is pure and deterministic. After a violation the state goes on as if the event had been meant: a lock that is missing
// is not added, a lock that is locked twice is held once, in the mode asked for last, and one that is read-locked twice is held twice.
//
// What happens on some of the paths that lead to h only is a violation all the same, with Maybe: a lock that is held on
// some paths is in the way on those.
func (h Held[I]) Step(e Event[I]) (Held[I], []Violation[I]) {
	switch {
	case h.dead:
		return h, nil
	case e.Op == EvAssume:
		return h.told(e), nil
	case len(e.When) > 0:
		return h.stepWhen(e)
	case e.Maybe:
		return h.stepMaybe(e)
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
		return h.drop(e)
	case EvSleep:
		return h, h.sleep(e)
	case EvBegin:
		return h.add(Holding[I]{Lock: e.Lock, Mode: WriteMode, Depth: 1, Clause: e.Clause, Func: e.Func, Site: e.Site}), nil
	case EvEnd:
		return h.end(e)
	case EvDo:
		return h.do(e)
	case EvForget:
		return h.Forget(e.Subject), nil
	case EvKnow:
		if h.knowsAll(*e.Knows) {
			return h, nil
		}
		missing := []Missing[I]{{Knows: e.Knows.Clause.known(), Clause: e.Clause}}
		return h, []Violation[I]{{Rule: RuleUnknown, Event: e, Clause: e.Clause, Missing: missing}}
	case EvLend:
		return h.lend(e), nil
	case EvFree:
		return h.free(e), nil
	case EvUse:
		return h.use(e)
	case EvReturn:
		return h, h.leaks(e, maxSplits)
	}
	panic("lockorder: Step of an event with an unknown Op")
}

// stepWhen splits a conditional event into the case that it happens and the case that it does not.
func (h Held[I]) stepWhen(e Event[I]) (Held[I], []Violation[I]) {
	if e.Op == EvAcquire && e.Try {
		if i := h.same(e.Lock); i >= 0 && len(h.locks[i].When) > 0 {
			return h.split(h.locks[i], e)
		}
	}
	l, when := e.When[0], e.When
	e.When = e.When[1:]
	yes, broken := h.Assume(l), []Violation[I](nil)
	if len(e.When) == 0 && yes.cannotTry(e) {
		yes = Unreachable[I](h.profile)
	} else {
		yes, broken = yes.Step(e)
	}
	for i := range broken {
		broken[i].Event.When = when
	}
	if e.Op.checksOnly() {
		return h, broken
	}
	return yes.Join(h.Assume(l.Negate())), broken
}

// cannotTry says whether e is a trylock that must fail, because the task itself holds the lock.
func (h Held[I]) cannotTry(e Event[I]) bool {
	if e.Op != EvAcquire || !e.Try || e.Maybe || h.dead || e.Lock.Class.Kind.Info().Nests {
		return false
	}
	i := h.same(e.Lock)
	return i >= 0 && h.locks[i].Certain() && !shared(h.locks[i].Mode, e.Mode)
}

// stepMaybe splits an event that nothing tells the condition of.
func (h Held[I]) stepMaybe(e Event[I]) (Held[I], []Violation[I]) {
	e.Maybe = false
	yes, broken := h.Step(e)
	e.Maybe = true
	for i := range broken {
		broken[i].Event, broken[i].Maybe = e, true
	}
	if e.Op.checksOnly() {
		return h, broken
	}
	return yes.Join(h), broken
}

// checksOnly says whether events of this op leave the state as it is.
func (op EventOp) checksOnly() bool {
	return op == EvRequire || op == EvExclude || op == EvSleep || op == EvKnow || op == EvReturn
}

// split decides e in the two cases of the first condition under which x is held.
func (h Held[I]) split(x Holding[I], e Event[I]) (Held[I], []Violation[I]) {
	l := x.When[0][0]
	yes, broken := h.Assume(l).Step(e)
	no, more := h.Assume(l.Negate()).Step(e)
	for i := range more {
		if more[i].Rule == RuleUnheld && more[i].Holder == nil {
			more[i].Holder = &x
		}
	}
	return yes.Join(no), unite(broken, more)
}

// unite returns the violations of two cases, of which one arises: each once, as a Maybe if the other case is free of it.
func unite[I comparable](a, b []Violation[I]) []Violation[I] {
	inBoth := make([]bool, len(b))
	for i := range a {
		j := slices.IndexFunc(b, a[i].same)
		if j < 0 {
			a[i].Maybe = true
			continue
		}
		inBoth[j] = true
		a[i].Maybe = a[i].Maybe || b[j].Maybe
	}
	for j := range b {
		if !inBoth[j] {
			b[j].Maybe = true
			a = append(a, b[j])
		}
	}
	return a
}

// same says whether v and w are findings about one mistake.
func (v Violation[I]) same(w Violation[I]) bool {
	sameHolder := v.Holder == nil && w.Holder == nil ||
		v.Holder != nil && w.Holder != nil && v.Holder.Lock == w.Holder.Lock && v.Holder.Mode == w.Holder.Mode
	sameDue := v.Due == nil && w.Due == nil || v.Due != nil && w.Due != nil && *v.Due == *w.Due
	return v.Rule == w.Rule && v.Clause == w.Clause && v.Order == w.Order && v.Event.Lock == w.Event.Lock && sameHolder && sameDue
}

func (h Held[I]) add(x Holding[I]) Held[I] {
	h.locks = withLast(h.locks, x)
	return h
}

func (h Held[I]) remove(i int) Held[I] {
	if i == len(h.locks)-1 {
		h.locks = h.locks[:i:i]
		return h
	}
	h.locks = slices.Delete(slices.Clone(h.locks), i, i+1)
	return h
}

func (h Held[I]) replace(i int, x Holding[I]) Held[I] {
	h.locks = slices.Clone(h.locks)
	h.locks[i] = x
	return h
}

// same finds a holding of the same lock, whatever its subclass, or -1: the most certain one, and of those the last.
func (h Held[I]) same(l Lock[I]) int {
	found := -1
	for i := range h.locks {
		x := &h.locks[i]
		if x.Lock.is(l) && (found < 0 || x.certainty() >= h.locks[found].certainty()) {
			found = i
		}
	}
	return found
}

// is says whether l and k are one lock, whatever the subclasses.
func (l Lock[I]) is(k Lock[I]) bool { return l.Class == k.Class && l.Of == k.Of }

func (h Held[I]) exclude(e Event[I]) []Violation[I] {
	for i, x := range h.locks {
		if x.Lock.is(e.Lock) && x.Mode.Satisfies(e.Mode) {
			return []Violation[I]{{Rule: RuleExcluded, Event: e, Clause: e.Clause, Holder: &h.locks[i], Maybe: x.Maybe}}
		}
	}
	return nil
}

// sleep finds a lock in whose atomic context e sleeps: one that is held on every path if there is one.
func (h Held[I]) sleep(e Event[I]) []Violation[I] {
	worst := -1
	for i, x := range h.locks {
		if x.Lock.Class.Kind.Info().Atomic && (worst < 0 || h.locks[worst].Maybe && !x.Maybe) {
			worst = i
		}
	}
	if worst < 0 {
		return nil
	}
	x := &h.locks[worst]
	return []Violation[I]{{Rule: RuleSleep, Event: e, Clause: e.Clause, Holder: x, Maybe: x.Maybe}}
}
