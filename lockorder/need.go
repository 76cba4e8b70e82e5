package lockorder

import "slices"

// maxSplits bounds the case analysis over conditions under which locks are held: 2^maxSplits cases at the most. A need that
// takes more conditions to decide is reported as not met.
const maxSplits = 4

// meets says whether n is met on every path.
func (h Held[I]) meets(n BoundNeed[I], splits int) bool {
	for _, l := range n.When {
		h = h.Assume(l)
	}
	n.When = nil
	if h.dead || h.meetsNow(n, splits) {
		return true
	}
	if splits == 0 {
		return false
	}
	for _, x := range h.locks {
		if len(x.When) > 0 {
			l := x.When[0][0]
			return h.Assume(l).meets(n, splits-1) && h.Assume(l.Negate()).meets(n, splits-1)
		}
	}
	return false
}

// meetsNow says whether n is met without a case analysis.
func (h Held[I]) meetsNow(n BoundNeed[I], splits int) bool {
	switch n.Op {
	case NeedAll:
		return !slices.ContainsFunc(n.Kids, func(k BoundNeed[I]) bool { return !h.meets(k, splits) })
	case NeedAny:
		return slices.ContainsFunc(n.Kids, func(k BoundNeed[I]) bool { return h.meets(k, splits) })
	}
	return !n.Unknown && slices.ContainsFunc(h.locks, func(x Holding[I]) bool {
		return x.Lock.Class == n.Lock.Class && x.Lock.Of == n.Lock.Of && x.Certain() && x.Mode.Satisfies(n.Mode)
	})
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
	under := h
	for _, l := range n.When {
		under = under.Assume(l)
	}
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
