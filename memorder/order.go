package memorder

import (
	"math/bits"
	"slices"
)

// orderWrites enumerates co for the sources chosen. Locations whose order is forced are placed at once; the others branch.
func (n *Enumerator) orderWrites() {
	n.branch = n.branch[:0]
	for l := range n.locs {
		loc := &n.locs[l]
		if len(loc.writes) > 0 && !n.force(l) {
			return
		}
		loc.chosen = append(loc.chosen[:0], loc.writes...)
		if len(loc.writes) < 2 {
			n.place(l)
		} else if loc.total() {
			slices.SortFunc(loc.chosen, func(a, b AccessID) int {
				return bits.OnesCount64(loc.forced[loc.index(a)]) - bits.OnesCount64(loc.forced[loc.index(b)])
			})
			n.place(l)
		} else {
			n.branch = append(n.branch, l)
			n.x.co[l] = n.x.co[l][:0]
		}
	}
	if len(n.branch) > 0 && n.hopeless() {
		return
	}
	n.chooseOrder(0)
}

// total reports whether the forced order leaves no choice.
func (l *location) total() bool {
	pairs := 0
	for i := range l.writes {
		pairs += bits.OnesCount64(l.forced[i])
	}
	return pairs == len(l.writes)*(len(l.writes)-1)/2
}

// chooseOrder enumerates the linear extensions of the forced order, for the k-th branching location and those after it.
func (n *Enumerator) chooseOrder(k int) {
	if k == len(n.branch) {
		n.candidate()
		return
	}
	n.extend(k, 0, 0)
	n.x.co[n.branch[k]] = n.x.co[n.branch[k]][:0]
}

// extend chooses the next write in co, any whose forced predecessors are all in used.
func (n *Enumerator) extend(k, depth int, used uint64) {
	loc := n.branch[k]
	l := &n.locs[loc]
	if depth == len(l.writes) {
		n.place(loc)
		if k+1 == len(n.branch) || !n.hopeless() {
			n.chooseOrder(k + 1)
		}
		return
	}
	next := -1 // the atomic that must come next, if any
	if depth > 0 && l.atomics && !n.Incoherent && mutant != clauseAtomic {
		next = l.follower[l.index(l.chosen[depth-1])]
	}
	for i, w := range l.writes {
		if used>>i&1 != 0 || l.forced[i]&^used != 0 || next >= 0 && next != i {
			continue
		}
		l.chosen = append(l.chosen[:depth], w)
		if depth > 0 && len(l.writes)-depth > minSubtree {
			n.place(loc)
			if n.hopeless() {
				continue
			}
		}
		n.extend(k, depth+1, used|1<<i)
		if n.stopped {
			return
		}
	}
}

// A partial order is checked against the axioms only when enough choices hang on it, and no longer when that has hardly
// ever paid: a check costs as much as one candidate.
const (
	minSubtree = 2  // writes still to place in the location
	probation  = 64 // checks before the yield is looked at
	worthOneIn = 16 // checks per subtree cut
)

// hopeless reports whether the axioms forbid the order chosen so far. They are monotone, so no completion is allowed then.
func (n *Enumerator) hopeless() bool {
	if n.Incoherent || n.checks > probation && n.cuts*worthOneIn < n.checks {
		return false
	}
	n.checks++
	if n.x.verify() == Allowed {
		return false
	}
	n.cuts++
	return true
}

// candidate hands a complete candidate to the caller. Tests of locks are not part of the forced order, so with locks the
// complete order is checked once more.
func (n *Enumerator) candidate() {
	if n.anyLocks && !n.Incoherent && n.x.CheckCoherence() != Allowed {
		return
	}
	if !n.visit(&n.x) {
		n.stopped = true
	}
}
