package explore

import (
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// Locks whose readers commute, in graphs (sem.go). A reader's lock is one point, which reads L; its unlock is one, which
// writes the task's R. A writer's lock is the two of an atomic on L, and then a read of the R of each other task, in the order of
// tasks: of the end of its last section that saw an older L. The read is not taken before that section has ended, so it never
// sees anything but the newest. What remains is a reader that comes later and sees an L that is older than that of a writer
// who has read its R: it revisits that read (evict), which is deleted with all that came of it, unless some of that was a
// choice. The last of the reads grants the lock.

// pending reports whether the task has taken a lock for writing, and was not granted it.
func (l *lane) pending() bool {
	n := len(l.points)
	return n > 0 && l.points[n-1].how == howSemWrite && l.points[n-1].part > 0 && l.points[n-1].to == nil
}

// granted reports whether the lock that point i of the task is the first part of was granted.
func (l *lane) granted(i int) bool {
	last := i + 1 + l.points[i].n.sem.peers()
	return last < len(l.points) && l.points[last].to != nil
}

// grantOf returns the grant of the write to L that a point saw, and whether there is one.
func (g *graph) grantOf(w ref) (grant ref, ok bool) {
	return w + ref(g.point(w).n.sem.peers()), g.lanes[w.task()].granted(w.index() - 1)
}

// own returns the state of a lock as far as the task itself reads it.
func (v *revisit) ownSem(l *lane, s *sem) value {
	for i := len(l.points) - 1; i >= 0; i-- {
		p := &l.points[i]
		if p.n.sem != s || p.blocked {
			continue
		}
		switch p.how {
		case howSemRead, howSemNest, howSemUnread:
			return p.new
		case howSemDown:
			return v.f.move(p.n, p.old).new
		case howSemWrite, howRMW:
			return v.f.inits[s.loc]
		}
	}
	return v.f.inits[s.loc]
}

// opens reports whether the point opens a section, and which L the section saw.
func (p *point) opens(self ref, s *sem) (src ref, ok bool) {
	switch {
	case p.n.sem != s || p.blocked:
	case p.how == howSemRead:
		return p.src, true
	case p.how == howSemDown && p.part == 1:
		return self, true
	}
	return initially, false
}

// before returns the end of the last section of a task that saw an L older than the one of that rank, and whether the section
// is open still.
func (g *graph) before(t int, s *sem, rank int) (end ref, open bool) {
	end = initially
	points := g.lanes[t].points
	for i := range points {
		p := &points[i]
		if p.n.sem != s {
			continue
		}
		if src, ok := p.opens(refOf(t, i), s); ok {
			if g.rank(s.loc, src) >= rank {
				return end, false
			}
			open = true
		} else if p.how == howSemUnread {
			end, open = refOf(t, i), false
		}
	}
	return end, open
}

// nextPeer returns the task whose R a pending writer reads next.
func (l *lane) nextPeer() int {
	p := &l.points[len(l.points)-1]
	q := int(p.part) - 1
	if q >= p.n.taskID() {
		q++
	}
	return q
}

// grantable reports whether a pending writer can go on.
func (g *graph) grantable(t int) bool {
	l := &g.lanes[t]
	s := l.at.sem
	w := refOf(t, len(l.points)-int(l.points[len(l.points)-1].part))
	rank := g.rank(s.loc, w)
	if _, open := g.before(t, s, rank); open {
		return false // it waits for itself
	}
	_, open := g.before(l.nextPeer(), s, rank)
	return !open
}

// heldFor reports whether a section of a reader is open.
func (g *graph) heldFor(s *sem) bool {
	for q := s.readers; q != 0; q = q.rest() {
		if _, open := g.before(q.first(), s, len(g.co[s.loc])+1); open {
			return true
		}
	}
	return false
}

// commuting reports whether the readers of a failing graph commute for certain. If two have one lock, it is asked whether it may
// be whole elsewhere; then the exploration begins anew.
func (v *revisit) commuting(g *graph) bool {
	if v.strict == utmost && g.sharing() {
		v.learn()
	}
	return v.wholes == len(v.f.whole)
}

// sharing reports whether two tasks have taken the same lock for reading.
func (g *graph) sharing() bool {
	by := map[*sem]tasks{}
	for t := range g.lanes {
		for i := range g.lanes[t].points {
			switch p := &g.lanes[t].points[i]; p.how {
			case howSemRead, howSemDown:
				by[p.n.sem] |= one(t)
				if by[p.n.sem] != one(t) {
					return true
				}
			}
		}
	}
	return false
}

// section takes a step of a reader that looks at nothing: the end of a section, or one within another.
func (v *revisit) section(g *graph, t int) {
	p, report := v.sectionPoint(g, t)
	if report != nil {
		v.fail(g, t, report)
		return
	}
	p, ok := v.arriving(p)
	if !ok {
		return
	}
	g.push(t, p)
	if p.writes {
		v.placeAll(g, refOf(t, len(g.lanes[t].points)-1), 0, false, nil)
	} else {
		v.visit(g, false)
	}
	g.pop()
}

func (v *revisit) sectionPoint(g *graph, t int) (point, *Report) {
	l := &g.lanes[t]
	n := l.at
	p := point{n: n, loc: -1, src: initially, step: l.steps(), how: howSemNest, old: v.ownSem(l, n.sem)}
	mv := v.f.move(n, p.old)
	if mv.fault != nil {
		return p, faultAt(n, mv.fault)
	}
	p.new, p.ret = mv.new, mv.ret
	if !v.f.holders[p.new].has(t) {
		p.how, p.writes, p.loc = howSemUnread, true, n.sem.ends[t]
		g.room(p.loc)
	}
	return p, nil
}

// nested reports whether the next step of a task is one of a reader that looks at nothing.
func (v *revisit) nested(l *lane) bool {
	switch l.at.step() {
	case machine.SemUnread:
		return true
	case machine.SemRead:
		return v.f.holders[v.ownSem(l, l.at.sem)].has(l.at.taskID())
	}
	return false
}

// seeingSem completes the point of a step that sees a state of L. done says that nothing else has to be.
func (v *revisit) seeingSem(g *graph, p point, mv *move) (q point, done bool) {
	switch p.n.step() {
	case machine.SemRead:
		if p.new == p.old { // somebody writes: a trylock fails
			if _, ok := g.grantOf(p.src); !ok {
				p.blocked = true
				return p, true
			}
			return p, false
		}
		p.how = howSemRead
		return p, false
	case machine.SemWrite:
		p.how = howSemWrite
		return p, true
	case machine.SemDowngrade:
		p.how = howSemDown
		return p, true
	}
	return p, false
}

// peer has a pending writer read the R of the next task.
func (v *revisit) peer(g *graph, t int, unsure bool) {
	if !v.pushPeer(g, t) {
		return
	}
	v.visit(g, unsure)
	if l := &g.lanes[t]; !l.pending() {
		v.refusals(g, refOf(t, len(l.points)-1))
	}
	g.pop()
}

func (v *revisit) pushPeer(g *graph, t int) (ok bool) {
	l := &g.lanes[t]
	p := l.points[len(l.points)-1]
	q := l.nextPeer()
	w := refOf(t, len(l.points)-int(p.part))
	p.part++
	p.reads, p.writes, p.loc = true, false, p.n.sem.ends[q]
	p.src, _ = g.before(q, p.n.sem, g.rank(p.n.loc, w))
	if int(p.part) == 1+p.n.sem.peers() {
		if p, ok = v.arriving(p); !ok {
			return false
		}
	}
	g.push(t, p)
	return true
}

// undecided reports whether a trylock sees the writer of a grant, and has not failed: it was there before.
func (g *graph) undecided(grant ref) bool {
	p := g.point(grant)
	w := grant - ref(p.n.sem.peers())
	for _, r := range g.reads[p.n.loc] {
		if q := g.point(r); q.src == w && q.blocked && q.n.op.Anytime {
			return true
		}
	}
	return false
}

// refusals has such trylocks fail.
func (v *revisit) refusals(g *graph, grant ref) {
	p := g.point(grant)
	clock, loc := p.clock, p.n.loc
	clock[grant.task()]-- // what was there before
	w := grant - ref(p.n.sem.peers())
	for i := len(g.order) - 2; i >= 0 && v.going(); i-- {
		r := g.order[i]
		if clock.has(r) {
			continue
		}
		if !g.maximal(r, &clock, v.zero) {
			return
		}
		q := g.point(r)
		if q.blocked && q.loc == loc && q.src == w && q.n.op.Anytime && v.take(maxEvents+len(g.order)-i) {
			v.refuse(g, r, grant, w)
			v.leave()
		}
	}
}

func (v *revisit) refuse(g *graph, r, grant, w ref) {
	h := v.graph()
	defer v.release(h)
	if p, report := v.changed(g, h, r, grant, w); report == nil && v.err == nil && !p.blocked && !h.undecided(grant) {
		v.visit(h, true)
	}
}

// refusal returns the grant that a trylock failed for.
func (g *graph) refusal(p *point) (grant ref, ok bool) {
	if p.how != howFailed || p.n.step() != machine.SemRead || p.src == initially {
		return initially, false
	}
	return g.grantOf(p.src)
}

// refused reports whether a trylock saw the writer whose grant the point is, although it was there before.
func (g *graph) refused(grant ref, before func(ref) bool) bool {
	p := g.point(grant)
	for _, o := range g.reads[p.n.loc] {
		if q := g.point(o); q.src == grant-ref(p.part-1) && !q.blocked && q.n.op.Anytime && before(o) {
			return true
		}
	}
	return false
}

// overtaken returns the read of its R by the first writer of an L newer than the one of that rank, which a new section saw.
func (g *graph) overtaken(r ref, rank int) (read ref, ok bool) {
	p := g.point(r)
	if p.how != howSemRead {
		return initially, false
	}
	for _, w := range g.co[p.loc][rank:] {
		if g.point(w).how == howSemWrite {
			read := w + 1 + ref(r.task())
			if r.task() > w.task() {
				read--
			}
			return read, read.index() < len(g.lanes[w.task()].points)
		}
	}
	return initially, false
}

// evict makes the graph in which the section that point r opens comes before a writer that has read its R, and explores it:
// the writer waits for the section.
func (v *revisit) evict(g *graph, r, read ref) {
	keep := g.point(r).clock
	if keep.has(read) {
		return
	}
	clock := keep
	for i := len(g.order) - 1; ; i-- {
		if !clock.has(g.order[i]) && !g.maximal(g.order[i], &clock, v.zero) {
			return
		}
		if g.order[i] == read {
			break
		}
	}
	g.older(&keep, g.point(read).stamp)
	h := v.graph()
	defer v.release(h)
	h.copyFrom(g, &keep)
	v.visit(h, true)
}

// waitsFor reports whether a task that sees somebody else write would wait in every execution like this one. If the writer waits
// itself, readers would not, and of writers the first one is who waits for readers.
func (g *graph) waitsFor(t int, p *point) bool {
	if p.n.step() == machine.NoSem || p.src == initially {
		return true
	}
	if g.point(p.src).how != howSemWrite {
		return true
	}
	if _, ok := g.grantOf(p.src); ok {
		return !p.n.op.Anytime
	}
	return p.n.step() == machine.SemWrite && t > p.src.task()
}

// heldBy returns the state of a lock in the end.
func (v *revisit) heldBy(g *graph, s *sem) value {
	if w := g.newest(s.loc); w != initially {
		p := g.point(w)
		if p.how == howFree {
			return p.new
		}
		if _, ok := g.grantOf(w); p.how == howSemWrite && ok {
			return p.new
		}
	}
	var open [][]semStep
	for q := s.readers; q != 0; q = q.rest() {
		l := &g.lanes[q.first()]
		var steps []semStep
		for i := range l.points {
			p := &l.points[i]
			if p.n.sem != s || p.blocked {
				continue
			}
			switch {
			case p.how == howSemUnread:
				steps = nil
			case p.how == howSemRead, p.how == howSemNest, p.how == howSemDown && p.part == 1:
				steps = append(steps, semStep{p.n, p.old})
			}
		}
		if steps != nil {
			open = append(open, steps)
		}
	}
	return v.f.heldBy(s, open)
}

// seeAll adds to the candidate what a writer sees whose lock begins at point i of a task.
func (v *revisit) seeAll(g *graph, t, i int, access func(ref) memorder.AccessID) {
	points := g.lanes[t].points
	s := points[i].n.sem
	lock := access(refOf(t, i))
	v.x.See(lock, access(points[i].src))
	at := lock - memorder.AccessID(s.others(t).count())
	for q := range s.ends {
		k := i + 2 + q
		if q > t {
			k--
		}
		if s.others(t).has(q) {
			v.x.See(at, access(points[k].src))
			at++
		}
	}
}
