package memorder

// checker holds the relations of the last execution it was given. Its events are the accesses alone: fences are folded
// into the static rows of Thread, RCU nodes have a relation of their own, and initial writes are left out because nothing
// is ever ordered before one, so that no cycle and no race passes through them. Only where plain accesses meet grace periods
// do RCU nodes become events, see nodeEvents.
type checker struct {
	space
	x        *Execution
	accesses int   // events below are accesses, from here on RCU nodes
	base     []int // first event of each thread
	thread   []int32
	access   []*Event
	order    []*order
	src      []int32 // source of each read, as event; or initialSrc, noSrc

	deps []dependencies

	allMarked, hasLock, hasRMW bool
	fenced                     bool // some strong fence
	marked, plain              rel  // sets
	initial                    rel  // by location: reads of its initial write

	slab                     []uint64
	same                     rel // int: all events of the thread
	rf, rfe, readers, co, fr rel
	strong, toCumul          rel // toCumul = strong-fence | po-rel, what A-cumul applies to
	ppo, pull, oe            rel
	cumul, cumulPlus, prop   rel
	hb, hbPlus, pb, pbPlus   rel
	t1, t2                   rel

	rcu  rcuChecker
	race raceChecker
}

const (
	initialSrc = -1
	noSrc      = -2
)

// dependencies are addr, data and ctrl of one access with what is carried through the thread's own writes, as accesses
// of the thread; carried is what a read of such a write passes on.
type dependencies struct{ addr, data, ctrl, carried uint64 }

// relations lists the matrices that resize carves from the slab.
func (c *checker) relations() [20]*rel {
	return [...]*rel{&c.same, &c.rf, &c.rfe, &c.readers, &c.co, &c.fr, &c.strong, &c.toCumul, &c.ppo, &c.pull, &c.oe,
		&c.cumul, &c.cumulPlus, &c.prop, &c.hb, &c.hbPlus, &c.pb, &c.pbPlus, &c.t1, &c.t2}
}

// load reads an execution into relations: everything that needs no axiom to compute.
func (c *checker) load(x *Execution) {
	c.x = x
	c.base = c.base[:0]
	n := 0
	for _, t := range x.threads {
		c.base = append(c.base, n)
		n += t.Accesses()
	}
	c.accesses = n
	c.resize(n+c.nodeEvents(), len(x.co))
	c.allMarked, c.hasLock, c.hasRMW, c.fenced = true, false, false, false
	for i, t := range x.threads {
		c.loadThread(i, t)
	}
	if c.n > c.accesses {
		c.loadNodes()
	}
	c.loadRF()
	c.loadCO()
}

// resize makes every relation fit n events. Only growth allocates.
func (c *checker) resize(n, locs int) {
	w := max(1, (n+63)/64)
	rows := c.relations()
	need := len(rows)*n*w + 2*w + locs*w
	if cap(c.slab) < need {
		c.slab = make([]uint64, need)
		c.n = -1
	}
	if c.n != n || c.w != w {
		c.space = space{n, w}
		b := c.slab[:cap(c.slab)]
		for _, r := range rows {
			*r, b = b[:n*w:n*w], b[n*w:]
		}
		c.marked, b = b[:w:w], b[w:]
		c.plain, b = b[:w:w], b[w:]
		c.initial = b
		c.thread = grow(c.thread, n)
		c.src = grow(c.src, n)
		c.access = grow(c.access, n)
		c.order = grow(c.order, n)
		c.deps = grow(c.deps, n)
	}
	c.initial = c.initial[:locs*w]
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// place adds to row dst a set of accesses of the thread whose first event is base.
func (s space) place(dst rel, set uint64, base int) {
	if set == 0 {
		return
	}
	k, b := base>>6, base&63
	dst[k] |= set << b
	if high := set >> (64 - b); high != 0 {
		dst[k+1] |= high
	}
}

// event converts the name of an access to its event number.
func (c *checker) event(a AccessID) int { return c.base[a.Thread()] + a.Access() }

func (c *checker) loadThread(i int, t *Thread) {
	b := c.base[i]
	all := t.cur.marked | t.cur.plain
	if i == 0 {
		clear(c.marked)
		clear(c.plain)
	}
	c.place(c.marked, t.cur.marked, b)
	if t.cur.plain != 0 {
		c.allMarked = false
		c.place(c.plain, t.cur.plain, b)
	}
	c.hasLock = c.hasLock || t.cur.lkr != 0
	for j := range t.order {
		e := b + j
		o := &t.order[j]
		c.thread[e], c.access[e], c.order[e] = int32(i), t.Access(j), o
		same := c.row(c.same, e)
		clear(same)
		c.place(same, all, b)
		c.src[e] = noSrc
		if c.access[e].Half == PairedRMW || c.access[e].Kind == LockRead {
			c.hasRMW = true
		}
	}
}

func (c *checker) loadRF() {
	clear(c.rf)
	clear(c.rfe)
	clear(c.readers)
	clear(c.initial)
	for e, a := range c.access {
		if !a.Reads() || a.Kind == LockRead {
			continue
		}
		switch s := c.x.src[ID(int(c.thread[e]), e-c.base[c.thread[e]])]; s {
		case unread:
		case Initial:
			c.src[e] = initialSrc
			c.row(c.initial, a.Loc).add(e)
		default:
			c.setSource(e, c.event(s))
		}
	}
}

func (c *checker) setSource(read, write int) {
	c.src[read] = int32(write)
	c.link(c.rf, write, read)
	c.link(c.readers, read, write)
	if c.thread[read] != c.thread[write] {
		c.link(c.rfe, write, read)
	}
}

// loadCO fills co from the orders of the execution, gives lock reads their sources (lock.cat: the immediate predecessor of
// the lock write) and derives fr.
func (c *checker) loadCO() {
	clear(c.co)
	for _, order := range c.x.co {
		prev := initialSrc
		for _, w := range order {
			e := c.event(w)
			if prev >= 0 {
				row := c.row(c.co, e)
				copy(row, c.row(c.co, prev))
				row.add(prev)
			}
			if c.access[e].Kind == LockWrite {
				if prev < 0 {
					c.src[e-1] = initialSrc
					c.row(c.initial, c.access[e].Loc).add(e - 1)
				} else {
					c.setSource(e-1, prev)
				}
			}
			prev = e
		}
	}
	clear(c.fr)
	for l, order := range c.x.co {
		for _, w := range order {
			c.fromReads(l, c.event(w))
		}
	}
}

// fromReads sets the row of fr = rf^-1 ; co of one write.
func (c *checker) fromReads(loc, write int) {
	row := c.row(c.fr, write)
	c.gather(row, c.readers, c.row(c.co, write))
	row.or(c.row(c.initial, loc))
}
