package memorder

import "math/bits"

// An Axiom is one of the conditions of linux-kernel.cat that an execution must meet.
type Axiom uint8

// The axioms, in the order in which they are checked.
const (
	Allowed        Axiom = iota // no axiom is violated
	Coherence                   // acyclic po-loc | com
	Atomic                      // empty rmw & (fre ; coe)
	HappensBefore               // acyclic hb
	Propagation                 // acyclic pb
	RCU                         // irreflexive rb
	PlainCoherence              // plain accesses respect vis: cat's plain-coherence
)

var axiomNames = [...]string{"allowed", "coherence", "atomic", "happens-before", "propagation", "rcu", "plain-coherence"}

// String gives the name that linux-kernel.cat uses.
func (a Axiom) String() string { return axiomNames[a] }

// verify checks the axioms from happens-before on; coherence and atomicity are the business of whoever chose rf and co.
func (c *checker) verify() Axiom {
	c.localOrder()
	c.propagates()
	if !c.happensBefore() {
		return HappensBefore
	}
	if !c.propagation() {
		return Propagation
	}
	if !c.rcu.check(c) && mutant != clauseRCU {
		return RCU
	}
	if !c.allMarked && !c.race.coherent(c) && mutant != clausePlainCoherence {
		return PlainCoherence
	}
	return Allowed
}

// localOrder computes the parts of ppo and the fences: static rows, and what rf adds to them.
func (c *checker) localOrder() {
	for i, t := range c.x.threads {
		c.dependencies(i, t)
	}
	clear(c.pull)
	clear(c.strong)
	clear(c.toCumul)
	clear(c.ppo)
	var fenced uint64
	for e, o := range c.order {
		b := c.base[c.thread[e]]
		fenced |= o.strong
		c.place(c.row(c.strong, e), o.strong, b)
		c.place(c.row(c.toCumul, e), o.strong|o.poRel, b)
		c.place(c.row(c.ppo, e), c.localPPO(e), b)
	}
	if c.n > c.accesses {
		c.orderNodes()
	}
	c.fenced = fenced != 0
	if c.hasLock {
		c.unlockLock()
	}
}

// localPPO is the row of ppo of event e within its thread, dependencies carried through rfi included.
func (c *checker) localPPO(e int) uint64 {
	o, d, b := c.order[e], &c.deps[e], c.base[c.thread[e]]
	row := o.ppo
	if c.access[e].Writes() {
		row |= d.addr | d.data | d.ctrl
		if o.ppoTail != 0 {
			for p := o.wmb & c.x.threads[c.thread[e]].cur.plain; p != 0; p &= p - 1 {
				row |= c.deps[b+bits.TrailingZeros64(p)].addr
			}
		}
		return row
	}
	row |= d.addr
	if s := c.src[e]; s >= 0 && c.thread[s] == c.thread[e] && mutant != clauseDepRfi && c.marked.has(int(s)) {
		row |= c.deps[s].addr | c.deps[s].data // dep ; [Marked] ; rfi
	}
	return row
}

// dependencies computes addr, data and ctrl: carry-dep lets a dependency pass through a write and a read of it by the
// same thread. Lock reads and srcu-unlocks carry nothing.
func (c *checker) dependencies(i int, t *Thread) {
	b := c.base[i]
	var carrying uint64
	carry := func(set uint64) uint64 {
		for p := set & carrying; p != 0; p &= p - 1 {
			set |= c.deps[b+bits.TrailingZeros64(p)].carried
		}
		return set
	}
	for j := range t.order {
		e := b + j
		a := c.access[e]
		d := &c.deps[e]
		*d = dependencies{carry(a.Addr), carry(a.Data), carry(a.Ctrl), 0}
		if a.Kind != Read {
			continue
		}
		if s := int(c.src[e]); s >= b && s < e && c.access[s].Tag != SRCUUnlock && c.access[s].Kind == Write {
			if d.carried = keep(clauseCarryDep, c.deps[s].data); d.carried != 0 {
				carrying |= 1 << j
			}
		}
	}
}

// unlockLock computes po-unlock-lock-po, the one fence that reaches across threads, and what after-unlock-lock makes of it.
func (c *checker) unlockLock() {
	for e, o := range c.order {
		b := c.base[c.thread[e]]
		row := c.row(c.pull, e)
		c.place(row, o.pull, b)
		c.handOver(row, o.lkr, b)
		if o.aulLkr != 0 {
			c.handOver(c.row(c.strong, e), o.aulLkr, b)
			c.handOver(c.row(c.toCumul, e), o.aulLkr, b)
			c.fenced = true
		}
		ppo, same := c.row(c.ppo, e), c.row(c.same, e)
		for k := range ppo {
			ppo[k] |= row[k] & same[k] // po-unlock-lock-po & int
		}
	}
}

// handOver adds what is po-before the unlocks that the given lock reads see.
func (c *checker) handOver(row rel, lockReads uint64, b int) {
	for ; lockReads != 0; lockReads &= lockReads - 1 {
		s := c.src[b+bits.TrailingZeros64(lockReads)]
		if s >= 0 && c.access[s].Kind == Unlock && mutant != clauseHandOver {
			c.place(row, c.order[s].po, c.base[c.thread[s]])
		}
	}
}

// propagates computes cumul-fence and prop.
func (c *checker) propagates() {
	c.acumul()
	if c.hasRMW && mutant != clauseRMWSequence {
		c.rmwSequence()
	}
	copy(c.cumulPlus, c.cumul)
	c.close(c.cumulPlus)
	for i := range c.oe {
		c.oe[i] = (c.co[i] | c.fr[i]) &^ c.same[i] // overwrite & ext
	}
	weaken(clauseOverwriteExt, c.oe)
	c.onlyMarked(c.oe)
	// prop = [Marked] ; (overwrite & ext)? ; cumul-fence* ; [Marked] ; rfe? ; [Marked]
	c.identity(c.oe)
	copy(c.t1, c.cumulPlus)
	c.identity(c.t1)
	c.compose(c.prop, c.oe, c.t1)
	c.onlyMarked(c.prop)
	for e, s := range c.src {
		if s >= 0 && c.thread[s] != c.thread[e] {
			copy(c.row(c.t1, e), c.row(c.prop, int(s)))
		} else {
			clear(c.row(c.t1, e))
		}
	}
	weaken(clausePropRfe, c.t1)
	c.prop.or(c.t1)
	c.onlyMarked(c.prop)
}

// onlyMarked keeps [Marked] ; r ; [Marked].
func (c *checker) onlyMarked(r rel) {
	if c.allMarked {
		return
	}
	c.domain(c.marked, r)
	c.codomain(r, c.marked)
}

// acumul sets cumul = [Marked] ; (A-cumul(strong-fence | po-rel) | wmb | po-unlock-lock-po) ; [Marked].
func (c *checker) acumul() {
	copy(c.t1, c.toCumul)
	if !c.allMarked {
		c.domain(c.marked, c.t1)
	}
	c.compose(c.cumul, c.rfe, c.t1) // rfe ; [Marked] ; r
	weaken(clauseACumul, c.cumul)
	c.cumul.or(c.toCumul)
	for e, o := range c.order {
		if o.wmb != 0 && mutant != clauseWmbCumul {
			c.place(c.row(c.cumul, e), o.wmb, c.base[c.thread[e]])
		}
	}
	if c.hasLock {
		c.cumul.or(c.pull)
	}
	c.onlyMarked(c.cumul)
}

// rmwSequence sets cumul = cumul ; (rf ; rmw)*: an atomic passes on what was ordered before the write that it read.
func (c *checker) rmwSequence() {
	copy(c.t1, c.cumul)
	for e := range c.n {
		for w, steps := e, 0; steps < c.n; steps++ {
			a := c.access[w]
			if a.Kind != LockWrite && !(a.Kind == Write && a.Half == PairedRMW) {
				break
			}
			s := c.src[w-1]
			if s < 0 {
				break
			}
			c.row(c.cumul, e).or(c.row(c.t1, int(s)))
			w = int(s)
		}
	}
}

// happensBefore computes hb = [Marked] ; (ppo | rfe | ((prop \ id) & int)) ; [Marked] and checks that it is acyclic.
func (c *checker) happensBefore() bool {
	for i, p := range c.prop {
		c.hb[i] = c.ppo[i] | keep(clauseRfe, c.rfe[i]) | keep(clausePropInt, p&c.same[i])
	}
	for e := range c.n {
		c.row(c.hb, e).del(e)
	}
	c.onlyMarked(c.hb)
	copy(c.hbPlus, c.hb)
	c.close(c.hbPlus)
	return !c.reflexive(c.hbPlus)
}

// propagation computes pb = prop ; strong-fence ; hb* ; [Marked] and checks that it is acyclic.
func (c *checker) propagation() bool {
	if !c.fenced || mutant == clausePropagation {
		clear(c.pb)
		clear(c.pbPlus)
		return true
	}
	c.compose(c.t1, c.prop, c.strong)
	copy(c.t2, c.hbPlus)
	c.identity(c.t2)
	c.compose(c.pb, c.t1, c.t2)
	c.onlyMarked(c.pb)
	copy(c.pbPlus, c.pb)
	c.close(c.pbPlus)
	return !c.reflexive(c.pbPlus)
}
