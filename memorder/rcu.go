package memorder

import "math/bits"

// rcuChecker decides the rcu axiom. Its relations are over the RCU nodes of the execution alone: grace periods and the ends
// of read-side critical sections. rcu-link between two nodes goes through the accesses around them.
type rcuChecker struct {
	space
	nodes  []node
	active bool // some grace period exists, so rcu-order is not empty

	slab          []uint64
	po, link      rel
	sections      rel // rcu-rscs^-1 | srcu-rscs^-1, from unlock to lock
	order         rel
	t1, t2, t3    rel
	before, after rel // by node, rows of the checker's width: accesses po-before, po?-after
	through       rel // hb* ; pb* ; prop over accesses
	star          rel
}

type node struct {
	thread, step int
	loc          int // SRCU domain: a location, or below -1; of RCU -1
	sync, lock   bool
	access       int // event of srcu-lock and srcu-unlock, or -1
	event        int // the node's own event when nodes are events, else -1
}

// check returns false if rb has a cycle. rb = prop ; rcu-fence ; hb* ; pb* is reflexive exactly when rcu-order leads from a
// node a to a node b and rcu-link leads back from b to a.
func (r *rcuChecker) check(c *checker) bool {
	r.collect(c)
	if !r.active {
		return true
	}
	r.resize(c)
	r.links(c)
	r.critical(c)
	r.orders()
	for a := range r.n {
		for b := range r.n {
			if r.has(r.order, a, b) && r.has(r.link, b, a) {
				return false
			}
		}
	}
	return true
}

func (r *rcuChecker) collect(c *checker) {
	r.nodes, r.active = r.nodes[:0], false
	for _, t := range c.x.threads {
		for _, n := range t.nodes {
			if e := &t.steps[n.step]; e.Kind == SyncSRCU || e.Tag == SyncRCU {
				r.active = true
			}
		}
	}
	if !r.active {
		return
	}
	event := c.accesses
	for i, t := range c.x.threads {
		for _, n := range t.nodes {
			e := &t.steps[n.step]
			v := node{thread: i, step: n.step, loc: -1, access: -1, event: -1}
			v.sync = e.Kind == SyncSRCU || e.Tag == SyncRCU
			v.lock = e.Tag == RCULock || e.Tag == SRCULock
			if e.Kind != Fence {
				v.loc = e.Loc
			}
			if e.Domain != 0 {
				v.loc = -1 - int(e.Domain)
			}
			if c.n > c.accesses && !e.Accesses() {
				v.event = event
				event++
			}
			if e.Accesses() {
				v.access = c.base[i] + n.at
			}
			r.nodes = append(r.nodes, v)
		}
	}
}

func (r *rcuChecker) resize(c *checker) {
	k := len(r.nodes)
	w := (k + 63) / 64
	rows := [...]*rel{&r.po, &r.link, &r.sections, &r.order, &r.t1, &r.t2, &r.t3}
	wide := [...]*rel{&r.before, &r.after}
	need := len(rows)*k*w + len(wide)*k*c.w + 2*c.n*c.w
	if cap(r.slab) < need {
		r.slab = make([]uint64, need)
	}
	r.space = space{k, w}
	b := r.slab[:need]
	clear(b)
	for _, m := range rows {
		*m, b = b[:k*w], b[k*w:]
	}
	for _, m := range wide {
		*m, b = b[:k*c.w], b[k*c.w:]
	}
	r.through, r.star = b[:c.n*c.w], b[c.n*c.w:]
}

// links computes rcu-link = po? ; hb* ; pb* ; prop ; po between nodes.
func (r *rcuChecker) links(c *checker) {
	c.hbPbStar(r.star, c.t1, c.t2)
	c.compose(r.through, r.star, c.prop)
	i := 0
	for j, t := range c.x.threads {
		all := t.cur.marked | t.cur.plain
		for _, n := range t.nodes {
			early := uint64(1)<<n.at - 1
			c.place(c.row(r.before, i), all&early, c.base[j])
			c.place(c.row(r.after, i), all&^early, c.base[j])
			if c.n > c.accesses {
				r.aroundNodes(c, i)
			}
			i++
		}
	}
	row := c.t1[:c.w]
	for b := range r.nodes {
		c.gather(row, r.through, c.row(r.before, b))
		for a := range r.nodes {
			if r.nodes[a].thread == r.nodes[b].thread && a < b {
				r.space.link(r.link, a, b)
				continue
			}
			for k, x := range c.row(r.after, a) {
				if x&row[k] != 0 {
					r.space.link(r.link, a, b)
				}
			}
		}
	}
}

// hbPbStar sets dst = hb* ; pb*.
func (c *checker) hbPbStar(dst, t1, t2 rel) {
	copy(t1, c.hbPlus)
	c.identity(t1)
	copy(t2, c.pbPlus)
	c.identity(t2)
	c.compose(dst, t1, t2)
}

// critical finds rcu-rscs^-1 and srcu-rscs^-1.
func (r *rcuChecker) critical(c *checker) {
	first := 0
	for _, t := range c.x.threads {
		for i, n := range t.nodes {
			if n.match >= 0 {
				r.space.link(r.sections, first+i, first+n.match)
			}
			if v := &r.nodes[first+i]; v.access >= 0 && !v.lock {
				r.srcuSection(c, first+i)
			}
		}
		first += len(t.nodes)
	}
}

// srcuSection follows srcu-rscs = [Srcu-lock] ; (data ; rf)* ; data ; [Srcu-unlock] back from an unlock: the cookie may have
// travelled through memory, also to another thread.
func (r *rcuChecker) srcuSection(c *checker, unlock int) {
	seen, todo := c.t1[:c.w], c.t2[:c.w]
	clear(seen)
	clear(todo)
	todo.add(r.nodes[unlock].access)
	for !c.empty(todo) {
		w := todo.first()
		todo.del(w)
		b := c.base[c.thread[w]]
		for d := c.access[w].Data; d != 0; d &= d - 1 {
			e := b + bits.TrailingZeros64(d)
			if seen.has(e) {
				continue
			}
			seen.add(e)
			if s := int(c.src[e]); s >= 0 && c.access[s].Kind == Write && c.access[s].Tag != SRCUUnlock {
				todo.add(s)
			}
		}
	}
	for i, v := range r.nodes {
		if v.lock && v.access >= 0 && mutant != clauseSRCUSections && seen.has(v.access) && v.loc == r.nodes[unlock].loc {
			r.space.link(r.sections, unlock, i)
		}
	}
}

// orders computes rcu-order, the least fixpoint of its seven clauses. A grace period must be at least as frequent as a
// critical section on any path; the &loc clauses are those of SRCU.
func (r *rcuChecker) orders() {
	for i, v := range r.nodes {
		if v.sync {
			r.space.link(r.order, i, i) // rcu-gp | srcu-gp
		}
	}
	copy(r.t3, r.link)
	for {
		r.pair(r.t3)
		r.compose(r.t1, r.order, r.link) // X ; L
		r.compose(r.t2, r.t1, r.order)   // X ; L ; X
		r.compose(r.t3, r.link, r.t1)    // L ; X ; L, for the next round
		changed := false
		for i, x := range r.t2 {
			changed = changed || x&^r.order[i] != 0
			r.order[i] |= x
		}
		if !r.pair(r.t3) && !changed {
			return
		}
	}
}

// pair adds G;via;rscsi and rscsi;via;G to rcu-order, and the same for SRCU on one domain. It reports any change.
func (r *rcuChecker) pair(via rel) bool {
	changed := false
	for b := range r.nodes {
		for a := range r.nodes {
			if !r.has(via, a, b) {
				continue
			}
			if r.nodes[a].sync && r.add(a, b, true) {
				changed = true
			}
			if r.nodes[b].sync && r.add(a, b, false) {
				changed = true
			}
		}
	}
	return changed
}

// add extends a grace period a that is linked to the unlock b up to the lock of b (fromSync), or starts at the unlock of
// whose section a is the lock and goes to the grace period b.
func (r *rcuChecker) add(a, b int, fromSync bool) bool {
	changed := false
	for other, v := range r.nodes {
		from, to, sync := a, other, a
		if fromSync {
			if !r.has(r.sections, b, other) {
				continue
			}
		} else {
			if !r.has(r.sections, other, a) {
				continue
			}
			from, to, sync = other, b, b
		}
		if r.nodes[sync].loc == v.loc && !r.has(r.order, from, to) {
			r.space.link(r.order, from, to)
			changed = true
		}
	}
	return changed
}
