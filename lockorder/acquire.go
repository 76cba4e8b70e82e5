package lockorder

import "slices"

func (h Held[I]) acquire(e Event[I]) (Held[I], []Violation[I]) {
	i := h.same(e.Lock)
	if i >= 0 && h.locks[i].Certain() {
		return h.again(i, e)
	}
	if i >= 0 && !h.locks[i].Maybe {
		return h.split(h.locks[i], e)
	}
	var broken []Violation[I]
	if i >= 0 && !e.Lock.Class.Kind.Info().Nests {
		h, broken = h.maybeAgain(e)
	}
	return h.take(e, broken)
}

// take adds e's lock, which is not held, and the violations of taking it to broken.
func (h Held[I]) take(e Event[I], broken []Violation[I]) (Held[I], []Violation[I]) {
	info := e.Lock.Class.Kind.Info()
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

// again takes a lock that the task certainly holds.
func (h Held[I]) again(i int, e Event[I]) (Held[I], []Violation[I]) {
	x := h.locks[i]
	rule := ruleAgain(x, e)
	var broken []Violation[I]
	if rule != "" && !e.Try {
		broken = []Violation[I]{{Rule: rule, Event: e, Clause: e.Clause, Holder: &x}}
	}
	if x.Lock.Class.Kind.Info().Nests || shared(x.Mode, e.Mode) {
		x.Depth++
		return h.replace(i, x), broken
	}
	if rule == "" { // dependent
		return h, nil
	}
	x.Mode, x.Depth = e.Mode, 1
	others := func(y Holding[I]) bool { return y.Lock.is(x.Lock) }
	h.locks = append(slices.DeleteFunc(slices.Clone(h.locks), others), x)
	return h, broken
}

// ruleAgain returns the rule that a task breaks when it holds x and takes its lock again by e; "" if it may.
func ruleAgain[I comparable](x Holding[I], e Event[I]) Rule {
	info := x.Lock.Class.Kind.Info()
	switch {
	case info.Nests || x.dependent() && x.Mode.Satisfies(e.Mode):
		return ""
	case !shared(x.Mode, e.Mode):
		return RuleDoubleLock
	case !info.ReadRecurse:
		return RuleRecursion
	}
	return ""
}

// dependent says whether nobody gives x back by itself: taking it twice is taking it once.
func (x Holding[I]) dependent() bool { return x.Lock.Class.Unbalanced(x.Mode) }

func shared(a, b Mode) bool { return a == ReadMode && b == ReadMode }

// maybeAgain takes a lock that the task holds on some paths. Where it excludes itself, those paths end here: the task waits
// for itself, or its trylock fails.
func (h Held[I]) maybeAgain(e Event[I]) (Held[I], []Violation[I]) {
	var broken []Violation[I]
	ended := func(x Holding[I]) bool { return x.Maybe && x.Lock.is(e.Lock) && !shared(x.Mode, e.Mode) }
	for _, x := range h.locks {
		if rule := ruleAgain(x, e); x.Lock.is(e.Lock) && rule != "" && !e.Try && len(broken) == 0 {
			broken = append(broken, Violation[I]{Rule: rule, Event: e, Clause: e.Clause, Holder: &x, Maybe: true})
		}
	}
	if slices.ContainsFunc(h.locks, ended) {
		h.locks = slices.DeleteFunc(slices.Clone(h.locks), ended)
	}
	return h, broken
}

// misordered finds the locks held under which e's lock must not be taken: inner ones by the declared order, and others of
// its class without a licence.
func (h Held[I]) misordered(e Event[I]) []Violation[I] {
	var broken []Violation[I]
	want := e.Lock.Ref()
	for i := range h.locks {
		x := &h.locks[i]
		if !x.Lock.Class.Kind.Info().Blocks || x.Lock.is(e.Lock) {
			continue
		}
		if o := h.profile.Outer(want, x.Lock.Ref()); o != nil {
			broken = append(broken, Violation[I]{Rule: RuleOrder, Event: e, Order: o, Holder: x, Maybe: x.Maybe})
		} else if x.Lock.Class == e.Lock.Class && h.profile.disciplined(want.Class) && !h.mayNest(*x, e) {
			broken = append(broken, Violation[I]{Rule: RuleNesting, Event: e, Holder: x, Maybe: x.Maybe})
		}
	}
	return broken
}

// mayNest says whether a licence allows e's lock under x of the same class. Address order is not decided here: identities
// have no order for every witness.
func (h Held[I]) mayNest(x Holding[I], e Event[I]) bool {
	if h.profile.Outer(x.Lock.Ref(), e.Lock.Ref()) != nil {
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
