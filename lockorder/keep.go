package lockorder

import "slices"

// KeepAtReturn returns the locks that f holds on return by its contract: what it requires and does not release, and what
// it acquires. Of alternatives each may stay held; none must.
func KeepAtReturn[I comparable](p *Profile, f *Func, b Binding[I]) []Keep[I] {
	x := binder[I]{p, b, f.Name, 0}
	var keep, taken []Keep[I]
	for _, c := range f.Clauses {
		when, sure, ok := x.conditions(c)
		switch {
		case !ok:
		case c.Verb == Requires:
			if need, ok := x.need(c.Need); ok {
				keep = need.keep(keep, when, !sure)
			}
		case c.Verb == Acquires || c.Verb == Begins:
			_, effects := x.clause(c)
			for _, e := range effects {
				if e.Op == EvRequire {
					continue // of the lock's class
				}
				taken = append(taken, Keep[I]{Lock: e.Lock, Mode: e.Mode, When: when, Optional: !sure})
			}
		}
	}
	for _, c := range f.Clauses {
		if c.Verb != Releases && c.Verb != Ends && c.Verb != Downgrades {
			continue
		}
		if when, sure, ok := x.conditions(c); ok {
			_, effects := x.clause(c)
			for _, e := range effects {
				keep = keepAfter(keep, e, when, sure)
			}
		}
	}
	return append(keep, taken...)
}

// Promises returns what f must know on return because its contract tells it to callers, as events to be stepped there.
func Promises[I comparable](p *Profile, f *Func, b Binding[I], site Site) []Event[I] {
	x := binder[I]{p, b, f.Name, site}
	var events []Event[I]
	for _, c := range f.Clauses {
		when, sure, ok := x.conditions(c)
		if c.Verb != Tells || !sure || !ok {
			continue
		}
		for _, e := range x.told(c) {
			e.Op, e.When = EvKnow, when
			e.Knows = &BoundKnows[I]{Tests: []Literal[I]{e.Fact}, Clause: c}
			events = append(events, e)
		}
	}
	return events
}

// known returns the condition that a Knows demands or a Tells promises.
func (c *Clause) known() Cond {
	if c.Verb == Tells {
		return c.Tell
	}
	return c.If
}

// keep adds the locks of n to keep. Optional: they need not be held.
func (n BoundNeed[I]) keep(keep []Keep[I], when []Literal[I], optional bool) []Keep[I] {
	when = append(slices.Clip(when), n.When...)
	if n.Op == NeedLock {
		if n.Unknown {
			return keep
		}
		return append(keep, Keep[I]{Lock: n.Lock, Mode: n.Mode, When: when, Optional: optional})
	}
	for _, k := range n.Kids {
		keep = k.keep(keep, when, optional || n.Op == NeedAny)
	}
	return keep
}

// keepAfter returns what is left of keep after e, which releases, ends or downgrades a lock under the conditions when.
func keepAfter[I comparable](keep []Keep[I], e Event[I], when []Literal[I], sure bool) []Keep[I] {
	var left []Keep[I]
	always := sure && len(when) == 0
	for _, k := range keep {
		switch {
		case !k.Lock.is(e.Lock):
		case e.Op == EvDowngrade && always:
			k.Mode = ReadMode
		case e.Op == EvDowngrade:
			k.Mode = AnyMode
		case always:
			continue
		case sure && len(when) == 1:
			k.When = append(slices.Clip(k.When), when[0].Negate())
		default:
			k.Optional = true
		}
		left = append(left, k)
	}
	return left
}
