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

func (q *reference) fence(t Tag) set {
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
	M, R, W := on(q.m), on(q.r), on(q.w)
	Marked, Plain := on(q.marked), on(q.plain)
	com := union(q.rf, q.co, q.fr)
	if !acyclic(union(inter(q.po, q.loc), com)) {
		return Coherence, false
	}
	rfe, rfi := inter(q.rf, q.ext), inter(q.rf, q.internal)
	if !empty(inter(q.rmw, seq(inter(q.fr, q.ext), inter(q.co, q.ext)))) {
		return Atomic, false
	}

	rmwHalf := q.where(func(e *Event, i int) bool { return e.Half != NoRMW })
	failed := q.where(func(e *Event, _ int) bool { return e.Half == FailedRMW })
	lkr, lkw, ul := q.kind(LockRead), q.kind(LockWrite), q.kind(Unlock)
	acquire := q.access(Acquire).and(q.r).minus(failed).or(lkr)
	release := q.access(Release).and(q.w).minus(failed).or(ul)
	mbs := q.access(Mb).minus(failed).or(q.fence(Mb))
	noreturn := q.access(Noreturn).and(q.r)
	sru := q.access(SRCUUnlock)

	// dependencies
	carried := inter(rfi, times(q.kind(Write), q.kind(Read)))
	carry := star(seq(q.data0, on(q.all.minus(sru)), carried))
	addr, data, ctrl := seq(carry, q.addr0), seq(carry, q.data0), seq(carry, q.ctrl0)

	// fences
	po, poq := q.po, maybe(q.po)
	acqPo, poRel := seq(on(acquire), po, M), seq(M, po, on(release))
	pull := seq(po, on(ul), union(po, q.rf), on(lkr), po)
	r4 := on(q.r.minus(noreturn))
	rmb := seq(r4, q.fencerel(q.fence(Rmb)), r4)
	wmb := seq(W, q.fencerel(q.fence(Wmb)), W)
	RMW := on(rmwHalf)
	mb := union(
		seq(M, q.fencerel(mbs), M),
		seq(M, po, on(mbs.and(q.r))),
		seq(on(mbs.and(q.w)), po, M),
		seq(M, q.fencerel(q.fence(BeforeAtomic)), RMW, poq, M),
		seq(M, poq, RMW, q.fencerel(q.fence(AfterAtomic)), M),
		seq(M, poq, on(lkw), q.fencerel(q.fence(AfterSpinlock)), M),
		seq(M, pull, on(q.fence(AfterUnlockLock)), po, M),
		seq(M, poq, on(sru), q.fencerel(q.fence(AfterSRCUReadUnlock)), M))
	syncRCU, syncSRCU := q.fence(SyncRCU), q.kind(SyncSRCU)
	gp := seq(po, on(syncRCU.or(syncSRCU)), poq)
	strong := union(mb, gp)
	nonrw := union(strong, poRel, acqPo)
	fence := union(nonrw, wmb, rmb)

	// happens-before and propagation
	overwrite := union(q.co, q.fr)
	dep := union(addr, data)
	toW := union(seq(union(dep, ctrl), W), inter(overwrite, q.internal), seq(addr, Plain, wmb))
	toR := union(seq(addr, R), seq(dep, Marked, rfi))
	ppo := union(toR, toW, inter(fence, q.internal), inter(pull, q.internal))
	acumul := func(r matrix) matrix { return seq(maybe(seq(rfe, Marked)), r) }
	rmwSeq := star(seq(q.rf, q.rmw))
	cumul := seq(Marked, union(acumul(union(strong, poRel)), wmb, pull), Marked, rmwSeq)
	prop := seq(Marked, maybe(inter(overwrite, q.ext)), star(cumul), Marked, maybe(rfe), Marked)
	hb := seq(Marked, union(ppo, rfe, inter(diff(prop, q.id), q.internal)), Marked)
	if !acyclic(hb) {
		return HappensBefore, false
	}
	pb := seq(prop, strong, star(hb), Marked)
	if !acyclic(pb) {
		return Propagation, false
	}

	rcuFence := q.rcuFence(seq(poq, star(hb), star(pb), prop, po), carry)
	rb := seq(prop, rcuFence, star(hb), star(pb), Marked)
	if !irreflexive(rb) {
		return RCU, false
	}

	// plain accesses
	fence, strong = union(fence, rcuFence), union(strong, rcuFence)
	xbs := star(union(hb, pb, rb))
	vis := seq(star(cumul), maybe(rfe), Marked, union(seq(strong, Marked, xbs), inter(xbs, q.internal)))
	frmb, yes := q.fencerel(q.fence(Rmb)), on(q.all.minus(noreturn))
	wPre := seq(Marked, maybe(union(addr, fence)))
	rPre := seq(Marked, maybe(union(addr, nonrw, seq(r4, frmb, yes))))
	wPost := seq(maybe(fence), Marked, rmwSeq)
	rPost := seq(maybe(union(nonrw, seq(yes, frmb, r4))), Marked)
	wwVis := union(fence, seq(strong, xbs, wPre), seq(wPost, vis, wPre))
	wrVis := union(fence, seq(strong, xbs, rPre), seq(wPost, vis, rPre))
	rwXb := union(fence, seq(rPost, xbs, wPre))
	pre := inter(q.ext, union(times(q.plain, q.m), times(q.m.minus(q.iw), q.plain)))
	if !empty(inter(inter(pre, q.rf), inv(rwXb))) || !empty(inter(inter(pre, q.fr), inv(wrVis))) ||
		!empty(inter(inter(pre, q.co), inv(wwVis))) {
		return PlainCoherence, false
	}
	wwNo := inter(inter(wwVis, union(times(q.marked, q.w), rwXb)), union(times(q.w, q.marked), wrVis))
	ww := diff(inter(pre, q.co), wwNo)
	wr := diff(diff(inter(pre, seq(maybe(q.co), q.rf)), wrVis), inv(rwXb))
	rw := diff(inter(pre, q.fr), rwXb)
	return Allowed, !empty(union(ww, wr, rw))
}

// rcuFence is po ; rcu-order ; po?.
func (q *reference) rcuFence(link, carry matrix) matrix {
	gp, sgp := on(q.fence(SyncRCU)), on(q.kind(SyncSRCU))
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
