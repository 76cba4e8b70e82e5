package lockorder

import "slices"

// Bounds of the conditions that Join keeps: how many conditional holdings one lock may have, and how many switches one
// holding. Beyond them a holding becomes a Maybe. They keep the case analysis of a release small; a function nested so
// deeply around one lock is rare.
const (
	maxWays = 4
	maxWhen = 8
)

// Join returns what is true whichever of h and k is the state: the state where two paths meet. A lock that only one of them
// holds stays known under the conditions that tell the paths apart; without such a condition it is a Maybe. Join is
// commutative up to the order of locks, and idempotent. It is not associative: of the knowledge on three paths it depends
// on the order how much is kept, never whether it is true. See JoinAll.
func (h Held[I]) Join(k Held[I]) Held[I] {
	switch {
	case h.dead:
		return k
	case k.dead || h.Equal(k):
		return h
	}
	common, onH, onK := compareFacts(h.facts, k.facts)
	out := Held[I]{profile: h.profile, facts: common, implied: commonImplications(h, k)}
	n := samePrefix(h.locks, k.locks)
	if n == len(h.locks) && n == len(k.locks) {
		out.locks = h.locks
		return out
	}
	out.locks = slices.Grow(h.locks[:n:n], len(h.locks)+len(k.locks)-2*n)
	onlyH, onlyK := slices.Clone(h.locks[n:]), slices.Clone(k.locks[n:]) // what has no partner yet; depth 0 for nothing
	var locks []placed[I]
	next := make([]int, len(onlyK)+1) // the place before which each of k's holdings stands
	for j := range next {
		next[j] = 2*len(onlyH) + 1
	}
	for _, exactly := range []bool{true, false} {
		for i := range onlyH {
			for j := range onlyK {
				if x, ok := both(&onlyH[i], h.facts, &onlyK[j], k.facts, exactly); ok {
					locks = append(locks, placed[I]{x, 2*i + 1})
					next[j] = 2 * i
				}
			}
		}
	}
	for i, x := range onlyH {
		if x.Depth > 0 {
			locks = append(locks, placed[I]{narrow(x, onH, k.facts), 2*i + 1})
		}
	}
	for j := len(onlyK) - 1; j >= 0; j-- {
		next[j] = min(next[j], next[j+1])
	}
	for j, y := range onlyK {
		if y.Depth > 0 {
			locks = append(locks, placed[I]{narrow(y, onK, h.facts), next[j]})
		}
	}
	out.locks = normalize(append(out.locks, inOrder(locks)...))
	return out
}

// normalize brings holdings that have changed into normal form: one for each lock, mode and condition. It may change locks.
func normalize[I comparable](locks []Holding[I]) []Holding[I] {
	return mergeMaybes(boundWays(sumTwins(locks)))
}

// A placed is a holding and its place in the order of taking, after a join.
type placed[I comparable] struct {
	x  Holding[I]
	at int
}

func inOrder[I comparable](locks []placed[I]) []Holding[I] {
	slices.SortStableFunc(locks, func(a, b placed[I]) int { return a.at - b.at })
	out := make([]Holding[I], len(locks))
	for i, p := range locks {
		out[i] = p.x
	}
	return out
}

// sumTwins makes one holding of twins. It may change locks.
func sumTwins[I comparable](locks []Holding[I]) []Holding[I] {
	out := locks[:0]
	for n := range locks {
		x := locks[n]
		i := x.twin(out)
		if i < 0 {
			out = append(out, x)
			continue
		}
		depth := x.Depth + out[i].Depth
		out[i] = meet(out[i], x, x.When)
		out[i].Depth = depth
	}
	return out
}

// JoinAll joins the states where many paths meet, those first that lose the least knowledge by it: of the three paths that
// leave "if a && b { lock }", the two that know a.
func JoinAll[I comparable](states ...Held[I]) Held[I] {
	const maxOrdered = 16 // the choice is cubic in the number of paths; beyond, as after a switch, they join in order
	states = slices.DeleteFunc(slices.Clone(states), func(h Held[I]) bool { return h.dead && len(states) > 1 })
	for len(states) > 1 {
		a, b := 0, 1
		if len(states) <= maxOrdered {
			a, b = nearest(states)
		}
		states[a] = states[a].Join(states[b])
		states = slices.Delete(states, b, b+1)
	}
	if len(states) == 0 {
		return Held[I]{dead: true}
	}
	return states[0]
}

// nearest returns the first pair of states whose join blurs least: that leaves the fewest of the other states, of those with
// other locks, indistinguishable from it, and of such pairs the one with the fewest facts that are not common. Of the paths
// behind "if a { if b { return } } else if c { lock } else if b { return }" it is not the two that know !b, whose join
// would forget a and c, the conditions of the lock.
func nearest[I comparable](states []Held[I]) (a, b int) {
	if len(states) == 2 {
		return 0, 1
	}
	leastBlurred, leastLost := -1, -1
	for i := range states {
		for j := i + 1; j < len(states); j++ {
			common, _, _ := compareFacts(states[i].facts, states[j].facts)
			lost := len(states[i].facts) + len(states[j].facts) - 2*len(common)
			n := blurred(states, i, j, common)
			if leastLost < 0 || n < leastBlurred || n == leastBlurred && lost < leastLost {
				a, b, leastBlurred, leastLost = i, j, n, lost
			}
		}
	}
	return a, b
}

// blurred counts the states with other locks that facts tell from states a or b, and not from the join of the two, of which
// common is known.
func blurred[I comparable](states []Held[I], a, b int, common []Literal[I]) int {
	n := 0
	for i, h := range states {
		if i == a || i == b {
			continue
		}
		told := func(k Held[I]) bool {
			same := samePrefix(h.locks, k.locks)
			return (same < len(h.locks) || same < len(k.locks)) && apart(k.facts, h.facts)
		}
		if (told(states[a]) || told(states[b])) && !apart(common, h.facts) {
			n++
		}
	}
	return n
}

// apart says whether a and b cannot both be true.
func apart[I comparable](a, b []Literal[I]) bool {
	return slices.ContainsFunc(a, func(l Literal[I]) bool { return l.decide(b) == False }) ||
		slices.ContainsFunc(b, func(l Literal[I]) bool { return l.decide(a) == False })
}

// Widen returns h without conditions: what is not certain becomes a Maybe and no fact is kept. A fixpoint that does not
// settle after a few rounds ends with it.
func (h Held[I]) Widen() Held[I] {
	h.facts, h.implied = nil, nil
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

// compareFacts returns what is known on both paths, and the switches that are true on path a only and on path b only: the
// facts of one that the other contradicts, and the negations of the other's.
func compareFacts[I comparable](a, b []Literal[I]) (common []Literal[I], onA, onB Switch[I]) {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	if n == len(a) || n == len(b) {
		return a[:n:n], nil, nil
	}
	common = a[:n:n]
	a, b = a[n:], b[n:] // what is equal tells nothing apart, and implies nothing else
	common = keepImplied(common, a, b)
	common = keepImplied(common, b, a)
	for _, l := range a {
		if l.decide(b) == False {
			onA, onB = append(onA, l), append(onB, l.Negate())
		}
	}
	for _, l := range b {
		if l.decide(a) == False && !slices.Contains(onB, l) {
			onA, onB = append(onA, l.Negate()), append(onB, l)
		}
	}
	return common, onA, onB
}

// keepImplied adds to common the facts of a that are true in b as well, and that a subject is not zero if both say so in
// different words, as ret == -EAGAIN and ret == -ENOMEM do.
func keepImplied[I comparable](common, a, b []Literal[I]) []Literal[I] {
	for _, l := range a {
		nonzero := Literal[I]{Subject: l.Subject, Op: NonZero}
		switch {
		case l.decide(b) == True:
			if l.decide(common) != True {
				common = append(slices.DeleteFunc(slices.Clone(common), l.implies), l)
			}
		case l.implies(nonzero) && nonzero.decide(b) == True && nonzero.decide(common) != True:
			common = append(common, nonzero)
		}
	}
	return common
}

// both takes off x of one path and y of the other what they have in common, and returns it; ok is false if that is nothing.
// Exactly: only under the same conditions.
func both[I comparable](x *Holding[I], factsX []Literal[I], y *Holding[I], factsY []Literal[I], exactly bool) (_ Holding[I], ok bool) {
	if x.Depth == 0 || y.Depth == 0 || x.Lock != y.Lock || x.Mode != y.Mode || x.Maybe != y.Maybe {
		return Holding[I]{}, false
	}
	when, ok := x.When, sameWhen(x.When, y.When)
	if !ok && !exactly {
		when, ok = commonWhen(x.When, factsX, y.When, factsY)
	}
	if !ok {
		return Holding[I]{}, false
	}
	m := meet(*x, *y, when)
	x.Depth -= m.Depth
	y.Depth -= m.Depth
	if x.Maybe {
		x.Depth, y.Depth = 0, 0
	}
	return m, true
}

// commonWhen returns the conditions that say on either path whether the lock is held: those of both, and those of one that
// are true on the other.
func commonWhen[I comparable](a []Switch[I], factsA []Literal[I], b []Switch[I], factsB []Literal[I]) (when []Switch[I], ok bool) {
	used := make([]bool, len(b))
next:
	for _, s := range a {
		for j, t := range b {
			if both := s.meet(t); !used[j] && len(both) > 0 {
				used[j] = true
				when = append(when, both)
				continue next
			}
		}
		if s = s.decided(factsB, True); len(s) == 0 {
			return nil, false
		}
		when = append(when, s)
	}
	for j, t := range b {
		if used[j] {
			continue
		}
		if t = t.decided(factsA, True); len(t) == 0 {
			return nil, false
		}
		when = append(when, t)
	}
	return when, len(when) <= maxWhen
}

// meet joins two holdings of one lock and mode, held under the conditions when. The site of the earlier place is kept, so
// that the result does not depend on the order of paths.
func meet[I comparable](x, y Holding[I], when []Switch[I]) Holding[I] {
	x.When = when
	x.Depth = min(x.Depth, y.Depth)
	if x.Extent != nil && (y.Extent == nil || *x.Extent != *y.Extent) {
		x.Extent = nil
	}
	if y.Site < x.Site {
		x.Site, x.Clause, x.Func, x.Ends, x.While, x.Over, x.Try = y.Site, y.Clause, y.Func, y.Ends, y.While, y.Over, y.Try
	}
	return x
}

// narrow makes a holding of one path hold under conditions that say on both paths whether it is held: its own, if the facts
// of the other path make one of them false, or else the switch that tells this path from the other.
func narrow[I comparable](x Holding[I], s Switch[I], other []Literal[I]) Holding[I] {
	if x.Maybe {
		return x
	}
	for i, t := range x.When {
		if f := t.decided(other, False); len(f) > 0 {
			if len(f) < len(t) {
				x.When = slices.Clone(x.When)
				x.When[i] = f
			}
			return x
		}
	}
	if len(s) == 0 || len(x.When) >= maxWhen {
		x.When = nil
		x.Maybe = true
		return x
	}
	x.When = append(slices.Clip(x.When), s)
	return x
}

// boundWays makes the conditional holdings of a lock that has more than maxWays of them Maybes.
func boundWays[I comparable](locks []Holding[I]) []Holding[I] {
	if len(locks) <= maxWays {
		return locks
	}
	over := func(x Holding[I]) bool {
		n := 0
		for _, y := range locks {
			if len(y.When) > 0 && y.Lock == x.Lock && y.Mode == x.Mode {
				n++
			}
		}
		return n > maxWays
	}
	var lost []int
	for i, x := range locks {
		if len(x.When) > 0 && over(x) {
			lost = append(lost, i)
		}
	}
	for _, i := range lost {
		locks[i].When, locks[i].Maybe = nil, true
	}
	return locks
}

// mergeMaybes leaves one Maybe for each lock and mode. It may change locks.
func mergeMaybes[I comparable](locks []Holding[I]) []Holding[I] {
	out := locks[:0]
	for _, x := range locks {
		if x.Maybe {
			if i := slices.IndexFunc(out, func(y Holding[I]) bool { return y.Maybe && y.Lock == x.Lock && y.Mode == x.Mode }); i >= 0 {
				out[i] = meet(out[i], x, nil)
				continue
			}
		}
		out = append(out, x)
	}
	return out
}
