package memorder

import "math/bits"

// raceChecker holds the relations of lkmm's section on plain accesses; they are computed only when there are some.
type raceChecker struct {
	slab                             []uint64
	fence, strong, nonrw             rel // fence' and strong-fence' include rcu-fence; nonrw-fence does not
	addr, rmwSeq                     rel
	rmbPre, rmbPost                  rel
	xbStar, vis                      rel
	wPre, rPre, wPost, rPost         rel
	wwVis, wrVis, rwXb, preRace      rel
	inverse, tmp, tmp2, strongThenXb rel
}

func (r *raceChecker) resize(c *checker) {
	rows := [...]*rel{&r.fence, &r.strong, &r.nonrw, &r.addr, &r.rmwSeq, &r.rmbPre, &r.rmbPost, &r.xbStar, &r.vis,
		&r.wPre, &r.rPre, &r.wPost, &r.rPost, &r.wwVis, &r.wrVis, &r.rwXb, &r.preRace, &r.inverse, &r.tmp, &r.tmp2,
		&r.strongThenXb}
	k := c.n * c.w
	need := len(rows) * k
	if cap(r.slab) < need {
		r.slab = make([]uint64, need)
	}
	b := r.slab[:need]
	for _, m := range rows {
		*m, b = b[:k:k], b[k:]
	}
}

// coherent computes the visibility relations and checks plain-coherence: a plain access must not see, miss or overwrite a
// write against an order that the model guarantees.
func (r *raceChecker) coherent(c *checker) bool {
	r.resize(c)
	r.fences(c)
	r.executesBefore(c)
	r.bounds(c)
	r.visibility(c)
	r.conflicts(c)
	return !r.meets(c, c.rf, r.rwXb) && !r.meets(c, c.fr, r.wrVis) && !r.meets(c, c.co, r.wwVis)
}

// meets reports whether pre-race & com runs against order somewhere: not empty(pre-race & com & order^-1).
func (r *raceChecker) meets(c *checker, com, order rel) bool {
	c.invert(r.inverse, order)
	for i, x := range com {
		if x&r.preRace[i]&r.inverse[i] != 0 {
			return true
		}
	}
	return false
}

func (r *raceChecker) fences(c *checker) {
	copy(r.strong, c.strong)
	copy(r.nonrw, c.strong)
	clear(r.addr)
	clear(r.rmbPre)
	clear(r.rmbPost)
	copy(r.fence, c.strong)
	for e, o := range c.order {
		b := c.base[c.thread[e]]
		c.place(c.row(r.nonrw, e), o.poRel|o.acqPo, b)
		c.place(c.row(r.fence, e), o.poRel|o.acqPo|o.wmb|o.rmb, b)
		c.place(c.row(r.addr, e), c.deps[e].addr, b)
		c.place(c.row(r.rmbPre, e), o.rmbPre, b)
		c.place(c.row(r.rmbPost, e), o.rmbPost, b)
	}
	if c.rcu.active {
		c.rcu.fence(c, r.tmp)
		r.strong.or(r.tmp)
		r.fence.or(r.tmp)
	}
}

// fence sets dst = rcu-fence = po ; rcu-order ; po? between accesses.
func (r *rcuChecker) fence(c *checker, dst rel) {
	clear(dst)
	for b := range r.nodes {
		row := c.t1[:c.w]
		clear(row)
		for a := range r.nodes {
			if r.has(r.order, a, b) {
				row.or(c.row(r.before, a))
			}
		}
		for e := range c.n {
			if c.row(r.after, b).has(e) {
				c.row(dst, e).or(row)
			}
		}
	}
}

// executesBefore sets xb* = (hb | pb | rb)*.
func (r *raceChecker) executesBefore(c *checker) {
	x := r.xbStar
	for i := range x {
		x[i] = c.hb[i] | c.pb[i]
	}
	if c.rcu.active { // rb = prop ; rcu-fence ; hb* ; pb* ; [Marked]; rcu-fence is in tmp
		c.compose(c.t1, c.prop, r.tmp)
		c.compose(r.tmp2, c.t1, c.rcu.star)
		c.codomain(r.tmp2, c.marked)
		x.or(r.tmp2)
	}
	weaken(clauseXbStar, x)
	c.close(x)
	c.identity(x)
}

// bounds computes rmw-sequence and the four ways in which a marked access stands in for a plain one.
func (r *raceChecker) bounds(c *checker) {
	clear(r.rmwSeq)
	for e := range c.n {
		c.row(r.rmwSeq, e).add(e)
		for w, steps := e, 0; steps < c.n; steps++ {
			a := c.access[w]
			if a.Kind != LockWrite && !(a.Kind == Write && a.Half == PairedRMW) || c.src[w-1] < 0 {
				break
			}
			w = int(c.src[w-1])
			c.row(r.rmwSeq, e).add(w)
		}
	}
	for i := range r.wPre {
		r.wPre[i] = r.addr[i] | r.fence[i]
		r.rPre[i] = r.addr[i] | r.nonrw[i] | r.rmbPre[i]
		r.tmp[i] = r.fence[i]
		r.rPost[i] = r.nonrw[i] | r.rmbPost[i]
	}
	c.identity(r.wPre)
	c.identity(r.rPre)
	c.identity(r.tmp)
	c.identity(r.rPost)
	c.domain(c.marked, r.wPre)
	c.domain(c.marked, r.rPre)
	c.codomain(r.tmp, c.marked)
	c.compose(r.wPost, r.tmp, r.rmwSeq)
	c.codomain(r.rPost, c.marked)
}

// visibility computes vis, ww-vis, wr-vis and rw-xb.
func (r *raceChecker) visibility(c *checker) {
	// vis = cumul-fence* ; rfe? ; [Marked] ; ((strong-fence ; [Marked] ; xb*) | (xb* & int))
	copy(r.tmp, c.cumulPlus)
	c.identity(r.tmp)
	copy(r.tmp2, c.rfe)
	c.identity(r.tmp2)
	c.compose(c.t1, r.tmp, r.tmp2)
	c.codomain(c.t1, c.marked)
	copy(r.tmp, r.strong)
	c.codomain(r.tmp, c.marked)
	c.compose(r.tmp2, r.tmp, r.xbStar)
	for i, x := range r.xbStar {
		r.tmp2[i] |= x & c.same[i]
	}
	c.compose(r.vis, c.t1, r.tmp2)
	weaken(clauseVis, r.vis)

	c.compose(r.strongThenXb, r.strong, r.xbStar)
	c.compose(r.tmp, r.wPost, r.vis)
	r.tmp.or(r.strongThenXb)
	c.compose(r.wwVis, r.tmp, r.wPre)
	r.wwVis.or(r.fence)
	c.compose(r.wrVis, r.tmp, r.rPre)
	r.wrVis.or(r.fence)
	c.compose(r.tmp, r.rPost, r.xbStar)
	c.compose(r.rwXb, r.tmp, r.wPre)
	r.rwXb.or(r.fence)
}

// conflicts sets pre-race = ext & ((Plain * M) | ((M \ IW) * Plain)).
func (r *raceChecker) conflicts(c *checker) {
	for e := range c.n {
		row, same := c.row(r.preRace, e), c.row(c.same, e)
		if c.plain.has(e) {
			for k := range row {
				row[k] = (c.marked[k] | c.plain[k]) &^ same[k]
			}
			continue
		}
		for k := range row {
			row[k] = c.plain[k] &^ same[k]
		}
	}
}

// race finds a data race on an execution that has passed all axioms: the first two events that race. The three parts are
// cat's ww-race, wr-race and rw-race.
func (r *raceChecker) race(c *checker) (from, to int, found bool) {
	c.invert(r.inverse, r.rwXb)
	copy(r.tmp, c.co)
	c.identity(r.tmp)
	c.compose(r.tmp2, r.tmp, c.rf)
	for e := range c.n {
		ww, wr, rw := c.row(r.wwVis, e), c.row(r.wrVis, e), c.row(r.rwXb, e)
		pre, inv := c.row(r.preRace, e), c.row(r.inverse, e)
		plain := c.plain.has(e)
		for k, p := range pre {
			safe := ww[k] & (c.marked[k] | rw[k]) // (Marked * W) | rw-xb
			if plain {
				safe &= wr[k] // (W * Marked) | wr-vis
			}
			if racing := keep(clauseRaceWW, p&c.row(c.co, e)[k]&^safe) |
				keep(clauseRaceWR, p&c.row(r.tmp2, e)[k]&^wr[k]&^inv[k]) |
				keep(clauseRaceRW, p&c.row(c.fr, e)[k]&^rw[k]); racing != 0 {
				return 64*k + bits.TrailingZeros64(racing), e, true
			}
		}
	}
	return 0, 0, false
}
