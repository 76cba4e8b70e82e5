package memorder

import "math/bits"

// append gives access e its place in the thread's relations and then lets it order what follows.
func (t *Thread) append(e *Event) {
	c := &t.cur
	i := c.accesses
	c.accesses++
	t.access = append(t.access, len(t.steps)-1)
	t.order = append(t.order, t.orderOf(e))
	if e.Tag == SRCULock || e.Tag == SRCUUnlock {
		t.node(i, -1)
	}
	c.extend(e, 1<<i)
}

// orderOf computes the static relations of a new access.
func (t *Thread) orderOf(e *Event) order {
	c := &t.cur
	all := c.marked | c.plain
	o := order{po: all, poLoc: t.sameLoc(e.Loc), acqPo: c.acquires, pull: keep(clauseUnlockLock, c.pull), lkr: c.lkr, aulLkr: c.aulLkr}
	o.strong = c.mb
	if e.Half != NoRMW {
		o.strong |= c.beforeAtomic // [M];fencerel(Before-atomic);[RMW];po?;[M]
	}
	if e.full() && e.Reads() {
		o.strong |= all // [M];po;[Mb & R]
	}
	if e.releases() {
		o.poRel = keep(clauseRelease, all)
	}
	if e.Writes() {
		o.wmb = c.wmbW
	}
	if !e.noreturn() {
		o.rmbPre = keep(clauseRmbPre, c.rmbR)
		if e.Reads() {
			o.rmb, o.rmbPost = c.rmbR, keep(clauseRmbPost, c.rmbAny)
		}
	}
	o.ppo = o.strong | o.poRel | o.acqPo | o.wmb | o.rmb | o.pull
	switch {
	case e.Writes():
		o.ppo |= e.Addr | e.Data | e.Ctrl | keep(clauseOverwriteInt, o.poLoc) // rwdep, and overwrite & int: in a coherent execution po-loc;[W]
		for p := o.wmb & c.plain; p != 0; p &= p - 1 {
			o.ppoTail |= t.Access(bits.TrailingZeros64(p)).Addr
		}
		o.ppoTail = keep(clauseAddrPlainWmb, o.ppoTail)
		o.ppo |= o.ppoTail
	default:
		o.ppo |= e.Addr
	}
	return o
}

func (t *Thread) sameLoc(loc int) uint64 {
	var s uint64
	for i, step := range t.access[:len(t.order)] {
		if t.steps[step].Loc == loc {
			s |= 1 << i
		}
	}
	return s
}

// extend records how access e, whose set is self, orders whatever the thread does next.
func (c *prefix) extend(e *Event, self uint64) {
	before := c.marked | c.plain
	if e.plain() {
		c.plain |= self
	} else {
		c.marked |= self
	}
	if e.Reads() {
		c.reads |= self
	} else {
		c.writes |= self
	}
	if !e.noreturn() {
		c.yesReturn |= self
		if e.Reads() {
			c.r4 |= self
		}
	}
	if e.acquires() {
		c.acquires |= keep(clauseAcquire, self)
	}
	if e.Half != NoRMW {
		c.mb |= c.beforeAtomic
		c.uptoRMW = before | self
	}
	if e.full() {
		c.mb |= before // fencerel(Mb) through the RMW event
		if e.Writes() {
			c.mb |= keep(clauseFullWrite, self) // [Mb & W];po;[M]
		}
	}
	if e.Tag == SRCUUnlock {
		c.uptoSRU = before | self
	}
	switch e.Kind {
	case LockRead:
		c.lkr |= self
		c.pull |= c.beforeUL
	case LockWrite:
		c.uptoLKW = before | self
	case Unlock:
		c.beforeUL = before
	}
}
