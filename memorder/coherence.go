package memorder

// Check decides whether the execution is allowed; otherwise it names the first axiom that is violated. It allocates nothing
// in steady state. On a partial execution a violation is final and Allowed is provisional.
func (x *Execution) Check() Axiom {
	if a := x.CheckCoherence(); a != Allowed {
		return a
	}
	return x.verify()
}

// verify checks the axioms beyond coherence and atomic.
func (x *Execution) verify() Axiom {
	x.check.load(x)
	if x.check.n == 0 {
		return Allowed
	}
	return x.check.verify()
}

// Races reports whether the execution, which must be complete and have passed Check as the last thing asked of it, has a
// data race in the sense of linux-kernel.cat.
func (x *Execution) Races() bool {
	_, _, races := x.Race()
	return races
}

// Race is Races, and names two accesses that race.
func (x *Execution) Race() (from, to AccessID, found bool) {
	if !x.hasPlain() {
		return Initial, Initial, false
	}
	c := &x.check
	a, b, found := c.race.race(c)
	if !found {
		return Initial, Initial, false
	}
	id := func(e int) AccessID { return ID(int(c.thread[e]), e-c.base[c.thread[e]]) }
	return id(a), id(b), true
}

// CheckCoherence checks only the axioms coherence and atomic, which cost a pass over the accesses: a step check for an
// explorer that leaves the rest to the end of an execution.
func (x *Execution) CheckCoherence() Axiom {
	x.ranks()
	for i, t := range x.threads {
		if a := x.coherentThread(i, t); a != Allowed {
			return a
		}
	}
	return Allowed
}

// ranks numbers the writes of each location in coherence order from 1; 0 stands for the initial write, -1 for unplaced.
func (x *Execution) ranks() {
	for len(x.rank) < len(x.src) {
		x.rank = append(x.rank, 0)
	}
	for i, t := range x.threads {
		for a, end := ID(i, 0), ID(i, t.Accesses()); a < end; a++ {
			x.rank[a] = -1
		}
	}
	for _, order := range x.co {
		for i, w := range order {
			x.rank[w] = int32(i + 1)
		}
	}
	for len(x.newest) < len(x.co) {
		x.newest = append(x.newest, 0)
	}
}

// coherentThread walks one thread and keeps, for each location, the newest write that it has made or seen. acyclic(po-loc |
// com) says that a read may not see an older one and that a write must be newer.
func (x *Execution) coherentThread(i int, t *Thread) Axiom {
	clear(x.newest)
	for j := range t.access {
		a, e := ID(i, j), t.Access(j)
		if e.Writes() {
			r := x.rank[a]
			if r < 0 {
				continue
			}
			if r <= x.newest[e.Loc] {
				return Coherence
			}
			x.newest[e.Loc] = r
			if e.Half == PairedRMW {
				if seen := x.seen(a - 1); seen >= 0 && seen != r-1 {
					return Atomic
				}
			}
			continue
		}
		seen := x.seen(a)
		if seen < 0 {
			continue
		}
		if seen < x.newest[e.Loc] {
			return Coherence
		}
		x.newest[e.Loc] = seen
	}
	return Allowed
}

// seen is the rank of the write that a read sees, -1 if it has none yet.
func (x *Execution) seen(read AccessID) int32 {
	if x.Event(read).Kind == LockRead {
		return x.rank[read+1] - 1 // its lock write follows at once; -2 if that is unplaced
	}
	switch s := x.src[read]; s {
	case unread:
		return -1
	case Initial:
		return 0
	default:
		return x.rank[s]
	}
}
