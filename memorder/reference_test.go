package memorder

// reference decides an execution by the definitions of linux-kernel.bell, .cat and lock.cat, one line each, on all events:
// fences and initial writes included, nothing folded, nothing pruned. It shares no code with the engine but the event
// predicates of the vocabulary.
type reference struct {
	n      int
	ev     []Event
	thread []int // -1: initial write
	base   []int

	po, loc, internal, ext, rmw, rf, co, fr, id matrix
	addr0, data0, ctrl0                         matrix
	pairs                                       matrix // rcu-rscs

	r, w, f, m, iw, marked, plain, all set
}

func newReference(x *Execution) *reference {
	q := &reference{}
	for l := range x.co {
		q.ev = append(q.ev, Event{Kind: Write, Tag: Once, Loc: l})
		q.thread = append(q.thread, -1)
	}
	for i, t := range x.threads {
		q.base = append(q.base, len(q.ev))
		for k := range t.Len() {
			q.ev = append(q.ev, *t.Event(k))
			q.thread = append(q.thread, i)
		}
	}
	q.n = len(q.ev)
	q.sets()
	q.programOrder(x)
	q.communication(x)
	return q
}

func (q *reference) where(f func(e *Event, i int) bool) set {
	s := make(set, q.n)
	for i := range s {
		s[i] = f(&q.ev[i], i)
	}
	return s
}

func (q *reference) kind(k Kind) set {
	return q.where(func(e *Event, _ int) bool { return e.Kind == k })
}

func (q *reference) fenceSet(t Tag) set {
	return q.where(func(e *Event, _ int) bool { return e.Kind == Fence && e.Tag == t })
}

func (q *reference) access(t Tag) set {
	return q.where(func(e *Event, i int) bool { return e.Accesses() && e.Tag == t && q.thread[i] >= 0 })
}

func (q *reference) sets() {
	q.all = q.where(func(*Event, int) bool { return true })
	q.r = q.where(func(e *Event, _ int) bool { return e.Reads() })
	q.w = q.where(func(e *Event, _ int) bool { return e.Writes() })
	q.m = q.r.or(q.w)
	q.f = q.kind(Fence)
	q.iw = q.where(func(_ *Event, i int) bool { return q.thread[i] < 0 })
	q.plain = q.where(func(e *Event, i int) bool {
		return (e.Kind == Read || e.Kind == Write) && e.Tag == Plain && e.Half == NoRMW && q.thread[i] >= 0
	})
	q.marked = q.all.minus(q.plain)
}

// eventOf is the event number of the j-th access of thread i.
func (q *reference) eventOf(a AccessID) int {
	k := a.Access()
	for i := q.base[a.Thread()]; ; i++ {
		if q.ev[i].Accesses() {
			if k == 0 {
				return i
			}
			k--
		}
	}
}

func (q *reference) programOrder(x *Execution) {
	n := q.n
	q.id = relate(n, func(i, j int) bool { return i == j })
	q.po = relate(n, func(i, j int) bool { return q.thread[i] >= 0 && q.thread[i] == q.thread[j] && i < j })
	q.internal = relate(n, func(i, j int) bool { return i == j || q.thread[i] >= 0 && q.thread[i] == q.thread[j] })
	q.ext = diff(times(q.all, q.all), q.internal)
	q.loc = relate(n, func(i, j int) bool {
		return q.ev[i].Kind != Fence && q.ev[j].Kind != Fence && q.ev[i].Loc == q.ev[j].Loc
	})
	q.addr0, q.data0, q.ctrl0, q.rmw, q.pairs = newMatrix(n), newMatrix(n), newMatrix(n), newMatrix(n), newMatrix(n)
	for i, t := range x.threads {
		var open []int
		for k := range t.Len() {
			e, at := t.Event(k), q.base[i]+k
			for d := range MaxAccesses {
				for _, dep := range []struct {
					bits uint64
					m    matrix
				}{{e.Addr, q.addr0}, {e.Data, q.data0}, {e.Ctrl, q.ctrl0}} {
					if dep.bits>>d&1 != 0 {
						dep.m[q.eventOf(ID(i, d))][at] = true
					}
				}
			}
			if e.Kind == LockWrite || e.Kind == Write && e.Half == PairedRMW {
				q.rmw[at-1][at] = true
			}
			if e.Kind == Fence && e.Tag == RCULock {
				open = append(open, at)
			}
			if e.Kind == Fence && e.Tag == RCUUnlock && len(open) > 0 {
				q.pairs[open[len(open)-1]][at] = true
				open = open[:len(open)-1]
			}
		}
	}
}

func (q *reference) communication(x *Execution) {
	q.rf, q.co = newMatrix(q.n), newMatrix(q.n)
	for l, order := range x.co {
		for i, w := range order {
			at := q.eventOf(w)
			q.co[l][at] = true
			for _, v := range order[:i] {
				q.co[q.eventOf(v)][at] = true
			}
			if q.ev[at].Kind == LockWrite {
				prev := l
				if i > 0 {
					prev = q.eventOf(order[i-1])
				}
				q.rf[prev][at-1] = true
			}
		}
	}
	for i, t := range x.threads {
		for j := range t.Accesses() {
			switch s := x.src[ID(i, j)]; {
			case !t.Access(j).Reads() || t.Access(j).Kind == LockRead || s == unread:
			case s == Initial:
				q.rf[t.Access(j).Loc][q.eventOf(ID(i, j))] = true
			default:
				q.rf[q.eventOf(s)][q.eventOf(ID(i, j))] = true
			}
		}
	}
	q.fr = diff(seq(inv(q.rf), q.co), q.id)
}

func (q *reference) fencerel(s set) matrix { return seq(q.po, on(s), q.po) }

// verdict checks the axioms in the engine's order and decides whether there is a race.
func (q *reference) verdict() (Axiom, bool) {
	com := union(q.rf, q.co, q.fr)
	if !acyclic(union(inter(q.po, q.loc), com)) {
		return Coherence, false
	}
	if !empty(inter(q.rmw, seq(inter(q.fr, q.ext), inter(q.co, q.ext)))) {
		return Atomic, false
	}
	m := &derived{reference: q}
	m.dependencies()
	m.fences()
	if a := m.orders(); a != Allowed {
		return a, false
	}
	return m.plainAccesses()
}

// derived holds the relations that linux-kernel.cat defines, under its names.
type derived struct {
	*reference
	rfe, rfi, addr, data, ctrl, carry       matrix
	noreturn                                set
	strong, nonrw, fence, wmb, poRel, pull  matrix
	rmwSeq, cumul, prop, hb, pb, rb, rcuFen matrix
}

func (m *derived) dependencies() {
	m.rfe, m.rfi = inter(m.rf, m.ext), inter(m.rf, m.internal)
	m.noreturn = m.access(Noreturn).and(m.r)
	carried := inter(m.rfi, times(m.kind(Write), m.kind(Read)))
	m.carry = star(seq(m.data0, on(m.all.minus(m.access(SRCUUnlock))), carried))
	m.addr, m.data, m.ctrl = seq(m.carry, m.addr0), seq(m.carry, m.data0), seq(m.carry, m.ctrl0)
}

func (m *derived) fences() {
	M, W := on(m.m), on(m.w)
	RMW := on(m.where(func(e *Event, i int) bool { return e.Half != NoRMW }))
	failed := m.where(func(e *Event, _ int) bool { return e.Half == FailedRMW })
	lkr, lkw, ul, sru := m.kind(LockRead), m.kind(LockWrite), m.kind(Unlock), m.access(SRCUUnlock)
	acquire := m.access(Acquire).and(m.r).minus(failed).or(lkr)
	release := m.access(Release).and(m.w).minus(failed).or(ul)
	mbs := m.access(Mb).minus(failed).or(m.fenceSet(Mb))
	po, poq := m.po, maybe(m.po)
	acqPo := seq(on(acquire), po, M)
	m.poRel = seq(M, po, on(release))
	m.pull = seq(po, on(ul), union(po, m.rf), on(lkr), po)
	r4 := on(m.r.minus(m.noreturn))
	rmb := seq(r4, m.fencerel(m.fenceSet(Rmb)), r4)
	m.wmb = seq(W, m.fencerel(m.fenceSet(Wmb)), W)
	mb := union(
		seq(M, m.fencerel(mbs), M),
		seq(M, po, on(mbs.and(m.r))),
		seq(on(mbs.and(m.w)), po, M),
		seq(M, m.fencerel(m.fenceSet(BeforeAtomic)), RMW, poq, M),
		seq(M, poq, RMW, m.fencerel(m.fenceSet(AfterAtomic)), M),
		seq(M, poq, on(lkw), m.fencerel(m.fenceSet(AfterSpinlock)), M),
		seq(M, m.pull, on(m.fenceSet(AfterUnlockLock)), po, M),
		seq(M, poq, on(sru), m.fencerel(m.fenceSet(AfterSRCUReadUnlock)), M))
	gp := seq(po, on(m.fenceSet(SyncRCU).or(m.kind(SyncSRCU))), poq)
	m.strong = union(mb, gp)
	m.nonrw = union(m.strong, m.poRel, acqPo)
	m.fence = union(m.nonrw, m.wmb, rmb)
}

// orders computes happens-before, propagation and rcu.
func (m *derived) orders() Axiom {
	R, W, Marked, Plain := on(m.r), on(m.w), on(m.marked), on(m.plain)
	overwrite := union(m.co, m.fr)
	dep := union(m.addr, m.data)
	toW := union(seq(union(dep, m.ctrl), W), inter(overwrite, m.internal), seq(m.addr, Plain, m.wmb))
	toR := union(seq(m.addr, R), seq(dep, Marked, m.rfi))
	ppo := union(toR, toW, inter(m.fence, m.internal), inter(m.pull, m.internal))
	acumul := func(r matrix) matrix { return seq(maybe(seq(m.rfe, Marked)), r) }
	m.rmwSeq = star(seq(m.rf, m.rmw))
	m.cumul = seq(Marked, union(acumul(union(m.strong, m.poRel)), m.wmb, m.pull), Marked, m.rmwSeq)
	m.prop = seq(Marked, maybe(inter(overwrite, m.ext)), star(m.cumul), Marked, maybe(m.rfe), Marked)
	m.hb = seq(Marked, union(ppo, m.rfe, inter(diff(m.prop, m.id), m.internal)), Marked)
	if !acyclic(m.hb) {
		return HappensBefore
	}
	m.pb = seq(m.prop, m.strong, star(m.hb), Marked)
	if !acyclic(m.pb) {
		return Propagation
	}
	m.rcuFen = m.rcuFence(seq(maybe(m.po), star(m.hb), star(m.pb), m.prop, m.po))
	m.rb = seq(m.prop, m.rcuFen, star(m.hb), star(m.pb), Marked)
	if !irreflexive(m.rb) {
		return RCU
	}
	return Allowed
}

func (m *derived) plainAccesses() (Axiom, bool) {
	Marked, r4 := on(m.marked), on(m.r.minus(m.noreturn))
	fence, strong := union(m.fence, m.rcuFen), union(m.strong, m.rcuFen)
	xbs := star(union(m.hb, m.pb, m.rb))
	vis := seq(star(m.cumul), maybe(m.rfe), Marked, union(seq(strong, Marked, xbs), inter(xbs, m.internal)))
	frmb, yes := m.fencerel(m.fenceSet(Rmb)), on(m.all.minus(m.noreturn))
	wPre := seq(Marked, maybe(union(m.addr, fence)))
	rPre := seq(Marked, maybe(union(m.addr, m.nonrw, seq(r4, frmb, yes))))
	wPost := seq(maybe(fence), Marked, m.rmwSeq)
	rPost := seq(maybe(union(m.nonrw, seq(yes, frmb, r4))), Marked)
	wwVis := union(fence, seq(strong, xbs, wPre), seq(wPost, vis, wPre))
	wrVis := union(fence, seq(strong, xbs, rPre), seq(wPost, vis, rPre))
	rwXb := union(fence, seq(rPost, xbs, wPre))
	pre := inter(m.ext, union(times(m.plain, m.m), times(m.m.minus(m.iw), m.plain)))
	if !empty(inter(inter(pre, m.rf), inv(rwXb))) || !empty(inter(inter(pre, m.fr), inv(wrVis))) ||
		!empty(inter(inter(pre, m.co), inv(wwVis))) {
		return PlainCoherence, false
	}
	wwNo := inter(inter(wwVis, union(times(m.marked, m.w), rwXb)), union(times(m.w, m.marked), wrVis))
	ww := diff(inter(pre, m.co), wwNo)
	wr := diff(diff(inter(pre, seq(maybe(m.co), m.rf)), wrVis), inv(rwXb))
	rw := diff(inter(pre, m.fr), rwXb)
	return Allowed, !empty(union(ww, wr, rw))
}

// rcuFence is po ; rcu-order ; po?.
func (q *reference) rcuFence(link matrix) matrix {
	gp, sgp := on(q.fenceSet(SyncRCU)), on(q.kind(SyncSRCU))
	carryAny := star(seq(q.data0, on(q.all.minus(q.access(SRCUUnlock))), q.rf))
	srcu := inter(seq(on(q.access(SRCULock)), carryAny, q.data0, on(q.access(SRCUUnlock))), q.loc)
	rscs, srscs := inv(q.pairs), inv(srcu)
	x := union(gp, sgp)
	for {
		lxl := seq(link, x, link)
		next := union(x,
			seq(gp, link, rscs), seq(rscs, link, gp),
			inter(seq(sgp, link, srscs), q.loc), inter(seq(srscs, link, sgp), q.loc),
			seq(gp, lxl, rscs), seq(rscs, lxl, gp),
			inter(seq(sgp, lxl, srscs), q.loc), inter(seq(srscs, lxl, sgp), q.loc),
			seq(x, link, x))
		if same(next, x) {
			return seq(q.po, x, maybe(q.po))
		}
		x = next
	}
}
