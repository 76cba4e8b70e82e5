package lockorder

import "slices"

// maxSplits bounds the case analysis over conditions under which locks are held: 2^maxSplits cases at the most. A need that
// takes more conditions to decide is reported as not met.
const maxSplits = 6

// Meets says whether n is met on every path.
func (h Held[I]) Meets(n BoundNeed[I]) bool { return h.meets(n, maxSplits) }

// meets says whether n is met on every path.
func (h Held[I]) meets(n BoundNeed[I], splits int) bool {
	h = h.assumeAll(n.When)
	n.When = nil
	if h.dead || h.meetsNow(n, splits) {
		return true
	}
	if splits == 0 || n.Op == NeedAll { // each part of all was split by itself
		return false
	}
	l, ok := h.pivot(n)
	return ok && h.Assume(l).meets(n, splits-1) && h.Assume(l.Negate()).meets(n, splits-1)
}

// pivot returns a literal on which it depends whether n is met.
func (h Held[I]) pivot(n BoundNeed[I]) (l Literal[I], ok bool) {
	if n.Op != NeedLock {
		for _, k := range n.Kids {
			if l, ok := h.pivot(k); ok {
				return l, true
			}
		}
		return l, false
	}
	for _, x := range h.locks {
		if len(x.When) > 0 && n.fits(x.Lock) && x.Mode.Satisfies(n.Mode) {
			return x.When[0][0], true
		}
	}
	return l, false
}

// meetsNow says whether n is met without a case analysis.
func (h Held[I]) meetsNow(n BoundNeed[I], splits int) bool {
	switch n.Op {
	case NeedAll:
		return !slices.ContainsFunc(n.Kids, func(k BoundNeed[I]) bool { return !h.meets(k, splits) })
	case NeedAny:
		return slices.ContainsFunc(n.Kids, func(k BoundNeed[I]) bool { return h.meets(k, 0) }) // they are split together
	}
	if n.Lock.Class == nil {
		return true // neither class nor object is known: that is no evidence of anything
	}
	return slices.ContainsFunc(h.locks, func(x Holding[I]) bool {
		return n.fits(x.Lock) && x.Certain() && x.Mode.Satisfies(n.Mode)
	})
}

// fits says whether l may be the lock that n asks for. Where the witness cannot tell of which object n speaks, any lock of
// the class may be it: a finding needs evidence, and not knowing is none.
func (n BoundNeed[I]) fits(l Lock[I]) bool {
	if n.Unknown {
		return l.Class == n.Lock.Class
	}
	return l.is(n.Lock)
}

func (h Held[I]) require(e Event[I]) []Violation[I] {
	missing := h.missing(*e.Need, e.Clause)
	if len(missing) == 0 {
		return nil
	}
	return []Violation[I]{{Rule: RuleNotHeld, Event: e, Clause: e.Clause, Missing: missing}}
}

// missing returns the parts of n that are not met, innermost first; none if n is met.
func (h Held[I]) missing(n BoundNeed[I], c *Clause) []Missing[I] {
	if h.meets(n, maxSplits) {
		return nil
	}
	under := h.assumeAll(n.When)
	switch n.Op {
	case NeedAll:
		var parts []Missing[I]
		for _, k := range n.Kids {
			parts = append(parts, under.missing(k, c)...)
		}
		return parts
	case NeedAny:
		m := Missing[I]{Clause: c}
		for _, k := range n.Kids {
			m.Or = append(m.Or, under.missing(k, c)...)
		}
		return []Missing[I]{m}
	}
	m := Missing[I]{Lock: n.Lock, Expr: n.Expr, Want: n.Mode, When: n.When, Clause: c}
	if !n.Unknown {
		if i := under.same(n.Lock); i >= 0 {
			x := under.locks[i]
			m.Have = &x
		}
	}
	return []Missing[I]{m}
}
