package memorder

import "math/bits"

// An Enumerator lists the candidate executions of threads whose events are fixed: every choice of rf and co that is
// coherent and atomic. It keeps its memory between runs; the zero value is ready. It is not safe for concurrent use.
type Enumerator struct {
	// Incoherent also lists candidates that violate coherence or atomic, for the sake of explaining why.
	Incoherent bool

	// Spend, if set, is called for every choice of a source, and Run stops when it returns false: what there is to visit may
	// be far less than the work of finding it.
	Spend func() bool

	// Derived, if set, says of a read that its source follows from those of the others. Settle says which it is, by
	// [Execution.See], when they are chosen, or that there is none, by false.
	Derived func(AccessID) bool
	Settle  func(*Execution) bool

	x     Execution
	init  []uint64
	visit func(*Execution) bool

	locs     []location
	reads    []read
	sources  []AccessID // candidates of all reads, one after the other
	anyLocks bool
	stopped  bool

	branch       []int // locations whose order is not forced
	checks, cuts int   // of partial orders, and how many of them cut something off
}

// location holds the writes to one location in the chosen threads.
type location struct {
	writes   []AccessID // ordinary ones and lock writes: what co is enumerated over
	unlocks  []AccessID
	visits   []AccessID // ordinary accesses and lock writes, thread by thread in program order
	again    bool       // some thread visits twice, so program order and coherence have something to say
	atomics  bool
	forced   []uint64   // by write: writes that must be older
	chosen   []AccessID // the order being tried
	follower []int      // by write: the atomic that read it, or -1
	locks    bool
}

// read is a read that has a choice of sources: sources[first:last].
type read struct {
	id          AccessID
	first, last int
	rmw         bool
}

// MaxWrites is the largest number of writes to one location that an Enumerator can order: the forced part of co is a
// machine word for each of them.
const MaxWrites = 64

// Run calls visit for every candidate execution over the threads; init holds the initial value of each location. The
// execution passed to visit is complete, coherent and atomic, and valid only during the call; its Check tells whether the
// other axioms allow it. Run stops when visit or Spend returns false, and then returns false. Preconditions: at most MaxWrites writes,
// lock writes included, to any location; every Loc is an index of init.
func (n *Enumerator) Run(threads []*Thread, init []uint64, visit func(*Execution) bool) bool {
	n.x.threads, n.init, n.visit = threads, init, visit
	n.x.size(len(threads), len(init))
	n.stopped, n.anyLocks = false, false
	n.collect()
	if !n.lockable() || !n.choices() {
		return true
	}
	n.chooseSource(0)
	return !n.stopped
}

// collect sorts the writes by location.
func (n *Enumerator) collect() {
	for len(n.locs) < len(n.init) {
		n.locs = append(n.locs, location{})
	}
	n.locs = n.locs[:len(n.init)]
	for i := range n.locs {
		n.locs[i].reset()
		n.x.co[i] = n.x.co[i][:0]
	}
	for i, t := range n.x.threads {
		for j := range t.access {
			n.visitor(ID(i, j), t.Access(j))
		}
	}
}

func (l *location) reset() {
	l.writes, l.unlocks, l.visits = l.writes[:0], l.unlocks[:0], l.visits[:0]
	l.locks, l.again, l.atomics = false, false, false
}

// visitor files one access under its location.
func (n *Enumerator) visitor(a AccessID, e *Event) {
	l := &n.locs[e.Loc]
	switch e.Kind {
	case Unlock:
		l.unlocks = append(l.unlocks, a)
		return
	case LockWrite:
		l.locks, n.anyLocks = true, true
		l.writes = append(l.writes, a)
	case Write:
		l.writes = append(l.writes, a)
		l.atomics = l.atomics || e.Half == PairedRMW
	case Read:
	default:
		return // unlocks follow their lock writes; tests of locks are checked on the complete order
	}
	if k := len(l.visits); k > 0 && l.visits[k-1].Thread() == a.Thread() {
		l.again = true
	}
	l.visits = append(l.visits, a)
}

// choices finds the writes that each read can see. It returns false if some read has none.
func (n *Enumerator) choices() bool {
	n.reads, n.sources = n.reads[:0], n.sources[:0]
	for i, t := range n.x.threads {
		for s := t.cur.reads; s != 0; s &= s - 1 {
			j := bits.TrailingZeros64(s)
			e := t.Access(j)
			if e.Kind == LockRead || n.Derived != nil && n.Derived(ID(i, j)) {
				continue
			}
			first := len(n.sources)
			if e.Kind == Read {
				n.ordinary(i, t, j, e)
			} else {
				n.lockTest(i, t, j, e)
			}
			if len(n.sources) == first {
				return false
			}
			n.reads = append(n.reads, read{ID(i, j), first, len(n.sources), e.Half == PairedRMW})
		}
	}
	return true
}

// ordinary lists the writes of the right value: of other threads, and the last one of its own, which hides the initial one.
func (n *Enumerator) ordinary(i int, t *Thread, j int, e *Event) {
	own := t.order[j].poLoc & t.cur.writes
	if own != 0 {
		if last := 63 - bits.LeadingZeros64(own); t.Access(last).Value == e.Value {
			n.sources = append(n.sources, ID(i, last))
		}
	}
	if (own == 0 || n.Incoherent) && n.init[e.Loc] == e.Value {
		n.sources = append(n.sources, Initial)
	}
	for _, w := range n.locs[e.Loc].writes {
		if w.Thread() != i && n.x.Event(w).Value == e.Value {
			n.sources = append(n.sources, w)
		}
	}
}

// chooseSource assigns sources to the reads from the k-th on.
func (n *Enumerator) chooseSource(k int) {
	if k == len(n.reads) {
		if n.Settle == nil || n.Settle(&n.x) {
			n.orderWrites()
		}
		return
	}
	r := &n.reads[k]
next:
	for _, w := range n.sources[r.first:r.last] {
		if r.rmw { // two atomics cannot follow the same write
			for _, q := range n.reads[:k] {
				if q.rmw && n.x.src[q.id] == w && n.x.Event(q.id).Loc == n.x.Event(r.id).Loc {
					continue next
				}
			}
		}
		if n.Spend != nil && !n.Spend() {
			n.stopped = true
			return
		}
		n.x.src[r.id] = w
		n.chooseSource(k + 1)
		if n.stopped {
			return
		}
	}
}
