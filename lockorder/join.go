package lockorder

import "slices"

// Join returns what is true whichever of h and k is the state: the state where two paths meet. A lock that only one of them
// holds stays known under the conditions that tell the paths apart; without such a condition it is a Maybe. Join is
// commutative up to the order of locks, and associative enough for a fixpoint: repeated joins only lose knowledge.
func (h Held[I]) Join(k Held[I]) Held[I] {
	switch {
	case h.dead:
		return k
	case k.dead:
		return h
	}
	out := Held[I]{profile: h.profile}
	out.facts = commonFacts(h.facts, k.facts)
	onlyH, onlyK := discriminate(h.facts, k.facts), discriminate(k.facts, h.facts)
	used := make([]bool, len(k.locks))
	for _, x := range h.locks {
		if j := matching(x, k.locks, used); j >= 0 {
			used[j] = true
			x, y, extra := level(x, k.locks[j], onlyH, onlyK)
			out.locks = append(out.locks, meet(x, y))
			if extra.Depth > 0 {
				out.locks = append(out.locks, extra)
			}
			continue
		}
		out.locks = append(out.locks, narrow(x, onlyH))
	}
	for j, y := range k.locks {
		if !used[j] {
			out.locks = append(out.locks, narrow(y, onlyK))
		}
	}
	out.locks = mergeMaybes(out.locks)
	out.due = unionDue(h.due, k.due)
	return out
}

// Widen returns h without conditions: what is not certain becomes a Maybe and no fact is kept. A fixpoint that does not
// settle after a few rounds ends with it.
func (h Held[I]) Widen() Held[I] {
	h.facts = nil
	h.locks = slices.Clone(h.locks)
	for i := range h.locks {
		if len(h.locks[i].When) > 0 {
			h.locks[i].When = nil
			h.locks[i].Maybe = true
		}
	}
	h.locks = mergeMaybes(h.locks)
	return h
}

func commonFacts[I comparable](a, b []Literal[I]) []Literal[I] {
	var common []Literal[I]
	keep := func(from, other []Literal[I]) {
		for _, l := range from {
			if (Switch[I]{l}).decide(other) == True && !slices.Contains(common, l) {
				common = append(common, l)
			}
		}
	}
	keep(a, b)
	keep(b, a)
	return common
}

// discriminate returns the facts of a that are false in b: all of them tell path a from path b.
func discriminate[I comparable](a, b []Literal[I]) Switch[I] {
	var s Switch[I]
	for _, l := range a {
		if (Switch[I]{l}).decide(b) == False {
			s = append(s, l)
		}
	}
	return s
}

// matching finds the holding of the same lock in the same mode, preferring the same conditions.
func matching[I comparable](x Holding[I], in []Holding[I], used []bool) int {
	found := -1
	for j, y := range in {
		if used[j] || x.Lock != y.Lock || x.Mode != y.Mode {
			continue
		}
		if sameWhen(x.When, y.When) {
			return j
		}
		if x.Certain() == y.Certain() && found < 0 && x.Maybe == y.Maybe && len(x.When) == 0 {
			found = j
		}
	}
	return found
}

// level brings two certain holdings of a nesting lock to the same depth; extra is what one of them has more, held under the
// switch that tells its path from the other.
func level[I comparable](x, y Holding[I], onlyX, onlyY Switch[I]) (_, _, extra Holding[I]) {
	if x.Depth == y.Depth || !x.Certain() || !y.Certain() {
		return x, y, extra
	}
	depth := min(x.Depth, y.Depth)
	if x.Depth > depth {
		extra = narrow(x, onlyX)
	} else {
		extra = narrow(y, onlyY)
	}
	extra.Depth -= depth
	x.Depth, y.Depth = depth, depth
	return x, y, extra
}

// meet joins two holdings of one lock, mode and condition. The site of the earlier place is kept, so that the result does
// not depend on the order of paths.
func meet[I comparable](x, y Holding[I]) Holding[I] {
	x.Maybe = x.Maybe || y.Maybe
	if y.Depth != x.Depth {
		x.Depth = min(x.Depth, y.Depth)
		x.Maybe = true
	}
	if y.Site < x.Site {
		x.Site, x.Clause, x.Func = y.Site, y.Clause, y.Func
	}
	return x
}

// narrow makes a holding of one path hold only under the switch that tells this path from the other.
func narrow[I comparable](x Holding[I], s Switch[I]) Holding[I] {
	if x.Maybe {
		return x
	}
	if len(s) == 0 {
		x.When = nil
		x.Maybe = true
		return x
	}
	x.When = append(slices.Clip(x.When), s)
	return x
}

// mergeMaybes leaves one Maybe for each lock and mode.
func mergeMaybes[I comparable](locks []Holding[I]) []Holding[I] {
	out := locks[:0:0]
	for _, x := range locks {
		if x.Maybe {
			if i := slices.IndexFunc(out, func(y Holding[I]) bool { return y.Maybe && y.Lock == x.Lock && y.Mode == x.Mode }); i >= 0 {
				out[i] = meet(out[i], x)
				continue
			}
		}
		out = append(out, x)
	}
	return out
}

func unionDue[I comparable](a, b []Due[I]) []Due[I] {
	out := a
	for _, d := range b {
		if !slices.Contains(out, d) {
			out = append(slices.Clip(out), d)
		}
	}
	return out
}
