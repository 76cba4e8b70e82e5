package lockorder

import "slices"

// do performs an op: it settles the duties that wait for it, checks those that had to be done before it, and asks that one
// of its regimes is met.
func (h Held[I]) do(e Event[I]) (Held[I], []Violation[I]) {
	name := e.Do.Op.Name
	h, broken := h.overdue(func(d Duty) bool { return d.Before == name }, e)
	h = h.settleDues(func(x Holding[I]) bool {
		return slices.Contains(x.Clause.Duty.Then, name) && !e.Do.Over.misses(x.Extent)
	})
	if len(e.Do.Regimes) == 0 {
		return h, broken
	}
	regime, missing := h.closest(e.Do.Regimes)
	if len(missing) > 0 {
		broken = append(broken, Violation[I]{
			Rule: RuleOp, Event: e, Clause: missing[0].Clause, Regime: regime.Regime, Missing: missing,
		})
	}
	for _, c := range regime.Duties {
		h = h.owe(c, name, e)
	}
	return h, broken
}

// closest returns the regime that is met, or the first of those with the fewest parts missing.
func (h Held[I]) closest(regimes []BoundRegime[I]) (BoundRegime[I], []Missing[I]) {
	best := -1
	var least []Missing[I]
	for i, r := range regimes {
		missing := h.missingIn(r)
		if best < 0 || len(missing) < len(least) {
			best, least = i, missing
		}
		if len(missing) == 0 {
			break
		}
	}
	return regimes[best], least
}

func (h Held[I]) missingIn(r BoundRegime[I]) []Missing[I] {
	var missing []Missing[I]
	for _, e := range r.Events {
		at := h.assumeAll(e.When)
		if at.dead {
			continue
		}
		switch e.Op {
		case EvRequire:
			missing = append(missing, at.missing(*e.Need, e.Clause)...)
		case EvExclude:
			for _, v := range at.exclude(e) {
				missing = append(missing, Missing[I]{Lock: v.Holder.Lock, Have: v.Holder, Not: true, Clause: e.Clause})
			}
		}
	}
	for _, p := range r.Inside {
		if !h.meets(BoundNeed[I]{Op: NeedLock, Lock: p.Lock, When: p.When}, maxSplits) {
			missing = append(missing, Missing[I]{Pair: p.Pair, Lock: p.Lock, Clause: p.Clause})
		}
	}
	for _, k := range r.Knows {
		if !h.knowsAll(k) {
			missing = append(missing, Missing[I]{Knows: k.Clause.If, Clause: k.Clause})
		}
	}
	return missing
}

func (h Held[I]) knowsAll(k BoundKnows[I]) bool {
	if k.Known != Unknown {
		return k.Known == True
	}
	return len(k.Tests) > 0 && !slices.ContainsFunc(k.Tests, func(l Literal[I]) bool { return h.Knows(l) != True })
}
