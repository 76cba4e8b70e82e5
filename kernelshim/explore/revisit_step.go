package explore

import "github.com/mmvet/mmvet/kernelshim/internal/machine"

// read has a task read a location: each write that coherence lets it see, the newest first.
func (v *revisit) read(g *graph, t int) {
	l := &g.lanes[t]
	n, loc := l.at, l.at.loc
	g.room(loc)
	newest := len(g.co[loc])
	for rank := newest; rank >= g.floor(t, len(l.points), loc) && v.going(); rank-- {
		src := initially
		if rank > 0 {
			src = g.co[loc][rank-1]
		}
		p, report := v.seeing(g, n, l.steps(), src)
		switch {
		case v.err != nil:
			return
		case p.blocked && rank < newest || !v.take(newest-rank):
			continue
		}
		g.push(t, p)
		if report != nil {
			v.fail(g, t, report)
		} else if grant, ok := g.overtaken(refOf(t, len(l.points)-1), rank); ok {
			v.evict(g, refOf(t, len(l.points)-1), grant)
		} else {
			v.visit(g, rank < newest)
		}
		g.pop()
		v.leave()
	}
}

// seeing makes the point of a step that sees a write, and the failure that it is.
func (v *revisit) seeing(g *graph, n *node, step int16, src ref) (point, *Report) {
	f := v.f
	old := f.inits[n.loc]
	if src != initially {
		old = g.point(src).new
	}
	p := point{n: n, loc: n.loc, src: src, step: step, reads: true, how: howRead, old: old, new: old}
	if old == v.poison {
		return p, useAfterFree(n)
	}
	mv := f.move(n, old)
	switch {
	case mv.blocked:
		p.blocked = true
		return p, nil
	case mv.fault != nil:
		p.how = howFailed
		if spin(n) {
			p.how = howNothing
		}
		return p, faultAt(n, mv.fault)
	}
	p.new, p.ret, p.how = mv.new, mv.ret, howOf(n, mv, f.holders[old] != 0)
	if n.step() != machine.NoSem {
		var done bool
		if p, done = v.seeingSem(g, p, mv); done {
			return p, nil
		}
	}
	switch p.how {
	case howRMW, howLock, howUnlock:
		return p, nil
	}
	p, _ = v.arriving(p)
	return p, nil
}

// secondHalf goes on with a step that has begun: the write of an atomic, or of the next location of an object that dies.
func (v *revisit) secondHalf(g *graph, t int, unsure bool) {
	l := &g.lanes[t]
	p := l.points[len(l.points)-1]
	if p.how == howFree {
		v.freeNext(g, t, p.n, p.step, p.part+1, unsure)
		return
	}
	if p.how == howSemWrite && p.part > 0 {
		v.peer(g, t, unsure)
		return
	}
	if p, ok := v.secondPoint(p); ok {
		v.write(g, t, p, unsure)
	}
}

// secondPoint makes the second half of an atomic.
func (v *revisit) secondPoint(p point) (point, bool) {
	p.part, p.reads, p.writes, p.src = 1, false, true, initially
	switch p.how {
	case howSemWrite:
		if p.n.sem.peers() > 0 {
			return p, true // it has more to read
		}
	case howSemDown:
		p.new = v.f.inits[p.loc]
	}
	return v.arriving(p)
}

// free ends an object's life: a write to each location that others use, of a value that nobody may see.
func (v *revisit) free(g *graph, t int) {
	v.learn()
	l := &g.lanes[t]
	for q := range g.lanes {
		if q != t && v.freedBy(g, q, l.at.obj) {
			v.fail(g, t, useAfterFree(l.at))
			return
		}
	}
	if len(v.poisoned(l.at, t)) == 0 {
		v.follow(g, t, point{n: l.at, loc: -1, src: initially, step: l.steps(), how: howFree}, false)
		return
	}
	v.freeNext(g, t, l.at, l.steps(), 0, false)
}

func (v *revisit) freeNext(g *graph, t int, n *node, step int16, part uint8, unsure bool) {
	if p, ok := v.freePoint(n, t, step, part); ok {
		v.write(g, t, p, unsure)
	}
}

// freePoint makes the part-th write of the end of an object.
func (v *revisit) freePoint(n *node, t int, step int16, part uint8) (point, bool) {
	locs := v.poisoned(n, t)
	p := point{n: n, loc: locs[part], src: initially, step: step, part: part, writes: true, how: howFree, new: v.poison}
	if int(part) == len(locs)-1 {
		return v.arriving(p)
	}
	return p, true
}

// poisoned returns the locations that the end of an object writes.
func (v *revisit) poisoned(n *node, t int) (locs []int32) {
	for _, l := range v.f.locations(n.obj) {
		if v.usedByOthers(l, machine.TaskID(t)) {
			locs = append(locs, l)
		}
	}
	return locs
}

// freedBy reports whether a task has freed an object.
func (v *revisit) freedBy(g *graph, t int, obj int32) bool {
	for i := range g.lanes[t].points {
		if p := &g.lanes[t].points[i]; p.how == howFree && p.n.obj == obj {
			return true
		}
	}
	return false
}

// write adds a write, in all places of co, and has it revisit reads.
func (v *revisit) write(g *graph, t int, p point, unsure bool) {
	g.push(t, p)
	w := refOf(t, len(g.lanes[t].points)-1)
	v.placeAll(g, w, 0, unsure, nil)
	v.revisits(g, w, unsure)
	g.pop()
}

// placeAll puts a write into co, the newest place first, but not below floor, and goes on. fail, if any, is what the graph
// is a failure by.
func (v *revisit) placeAll(g *graph, w ref, floor int, unsure bool, fail func()) {
	p := g.point(w)
	loc := p.loc
	last := len(g.co[loc])
	low, high := max(floor, g.floor(w.task(), w.index(), loc)), last
	if p.second() {
		high = g.rank(loc, g.point(w-1).src) // next to what the atomic read
		low = max(low, high)
	}
	for pos := high; pos >= low && v.going(); pos-- {
		if g.claimed(loc, pos) || !v.take(last-pos) {
			continue
		}
		g.place(w, loc, pos)
		if late := v.late(g, loc, pos); late != nil {
			v.fail(g, late.n.taskID(), useAfterFree(late.n))
		} else if fail != nil {
			fail()
		} else {
			v.visit(g, unsure || pos < last)
		}
		g.unplace(loc, pos)
		v.leave()
	}
}

// late returns a write to a location that comes after the end of its object, if the write at pos makes one.
func (v *revisit) late(g *graph, loc int32, pos int) *point {
	order := g.co[loc]
	p := g.point(order[pos])
	if p.how != howFree {
		for _, w := range order[:pos] {
			if g.point(w).how == howFree {
				return p
			}
		}
		return nil
	}
	for _, w := range order[pos+1:] {
		if q := g.point(w); q.how != howFree {
			return q
		}
	}
	return nil
}

// revisits has reads that were there before a write see it.
func (v *revisit) revisits(g *graph, w ref, unsure bool) {
	p := g.point(w)
	clock, loc := p.clock, p.loc
	rival, rivals := g.rival(w)
	for i := len(g.order) - 2; i >= 0 && v.going(); i-- {
		r := g.order[i]
		if clock.has(r) {
			continue
		}
		if !g.maximal(r, &clock, v.zero) {
			return
		}
		q := g.point(r)
		if rivals && (clock.has(rival) || g.point(rival).stamp < q.stamp) {
			continue // it would stay
		}
		if q.reads && q.loc == loc && v.take(maxEvents+len(g.order)-i) {
			v.revisit(g, r, w)
			v.leave()
		}
	}
}

// rival returns the second half of another atomic that saw the same write as the atomic whose second half w is: there is no place
// for both.
func (g *graph) rival(w ref) (rival ref, ok bool) {
	p := g.point(w)
	if !p.second() {
		return initially, false
	}
	pos := g.rank(p.loc, g.point(w-1).src)
	if !g.claimed(p.loc, pos) {
		return initially, false
	}
	return g.co[p.loc][pos], true
}

// maximal reports whether a point is what any graph can have there: given what was there before it and what clock knows, it
// reads the newest write, or is the newest and no older read sees it.
func (g *graph) maximal(r ref, clock *knowledge, zero value) bool {
	p := g.point(r)
	switch {
	case p.n.code == machine.Choose:
		return p.ret == zero
	case p.loc < 0:
		return true
	}
	before := func(o ref) bool { return g.point(o).stamp < p.stamp || clock.has(o) }
	if p.how == howSemWrite && p.part > 1 { // it sees the newest
		return p.to == nil || !g.refused(r, before)
	}
	if p.blocked && p.n.step() != machine.NoSem && p.n.op.Anytime { // a trylock that has to fail
		if grant, ok := g.grantOf(p.src); ok && before(grant) {
			return false
		}
	}
	from := r
	if p.reads {
		from = p.src
	} else {
		for _, o := range g.reads[p.loc] {
			if q := g.point(o); q.src == r && before(o) {
				return false
			}
		}
	}
	order := g.co[p.loc]
	for i := len(order) - 1; i >= 0 && order[i] != from; i-- {
		if order[i] != r && before(order[i]) {
			return false
		}
	}
	return true
}

// revisit makes the graph in which read r sees the new write w, and explores it.
func (v *revisit) revisit(g *graph, r, w ref) {
	h := v.graph()
	defer v.release(h)
	p, report := v.changed(g, h, r, w, w)
	if v.err != nil {
		return
	}
	floor := h.floor(r.task(), r.index(), p.loc)
	if p.blocked {
		floor = len(h.co[p.loc])
	}
	var fail func()
	if report != nil {
		l := &h.lanes[r.task()]
		l.dead = true // also while another task is what fails: placeAll
		fail = func() { v.fail(h, r.task(), report); l.dead = true }
	}
	v.placeAll(h, w, floor, true, fail)
}

// changed makes h the graph in which read r sees src, because of the new point w.
func (v *revisit) changed(g, h *graph, r, w, src ref) (point, *Report) {
	q := g.point(r)
	keep := g.point(w).clock
	g.older(&keep, q.stamp)
	keep[r.task()] = uint8(r.index() + 1)
	h.copyFrom(g, &keep)
	p, report := v.seeing(h, q.n, q.step, src)
	if v.err != nil {
		return p, nil
	}
	p.stamp = q.stamp
	h.know(r.task(), r.index(), &p)
	l := &h.lanes[r.task()]
	l.points[r.index()], l.at, l.dead = p, p.n, false
	h.arrive(r.task(), &p)
	return p, report
}

// older adds the points that were added before a stamp.
func (g *graph) older(keep *knowledge, stamp int32) {
	for t := range g.lanes {
		points := g.lanes[t].points
		n := len(points)
		for n > int(keep[t]) && points[n-1].stamp >= stamp {
			n--
		}
		keep[t] = max(keep[t], uint8(n))
	}
}
