package explore

import (
	"slices"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// A ref names an event of a graph: its task and its place there.
type ref int32

// initially is the source of a read that sees what the location held at the start.
const initially ref = -1

func refOf(task, index int) ref { return ref(task<<8 | index) }
func (r ref) task() int         { return int(r >> 8) }
func (r ref) index() int        { return int(r & 255) }

// maxEvents bounds the events of one task in a graph: refs and clocks have a byte for them.
const maxEvents = 250

// A point is an event of a graph: a step of a task, or half of one. An atomic that writes is two, its read and then its
// write, which is the next event of all; so is the taking of a lock. The end of an object is one for each location that
// others use.
type point struct {
	n             *node
	to            *node // where the task goes on; nil if the step is not over
	loc           int32 // -1: none that matters
	src           ref   // of a read
	stamp         int32 // points of a graph were added in this order
	step          int16 // which step of the task
	part          uint8 // which point of the step
	how           how
	reads, writes bool
	blocked       bool // a read that has the task wait
	old, new, ret value
	clock         knowledge // what is before the point by po | rf
	certain       certainty
}

// A knowledge says, for each task, how many of its first points are known: a set that is closed under program order.
type knowledge [machine.MaxTasks]uint8

func (k *knowledge) join(o *knowledge) {
	for i := range k {
		k[i] = max(k[i], o[i])
	}
}

// has reports whether the point is at or before.
func (k *knowledge) has(r ref) bool { return int(k[r.task()]) > r.index() }

// A lane is one task in a graph.
type lane struct {
	points   []point
	at       *node // what the task does next; nil: it has not been started
	sections value
	fork     ref  // of a callback: what started it
	dead     bool // the task has failed, and others go on
}

// A graph is an execution under construction: points, rf (point.src), and co.
type graph struct {
	lanes [machine.MaxTasks]lane
	order []ref   // of addition
	co    [][]ref // by location ID: writes, oldest first
	reads [][]ref // by location ID
	used  []int32 // locations that had points, ever
	stamp int32
}

func (g *graph) point(r ref) *point { return &g.lanes[r.task()].points[r.index()] }

// room makes the tables reach a location.
func (g *graph) room(loc int32) {
	for len(g.co) <= int(loc) {
		g.co, g.reads = append(g.co, nil), append(g.reads, nil)
	}
	if !slices.Contains(g.used, loc) {
		g.used = append(g.used, loc)
	}
}

// push adds a point to a task.
func (g *graph) push(t int, p point) *point {
	l := &g.lanes[t]
	r := refOf(t, len(l.points))
	p.stamp = g.stamp
	g.stamp++
	g.know(t, r.index(), &p)
	l.points = append(l.points, p)
	g.order = append(g.order, r)
	if p.loc >= 0 {
		g.room(p.loc)
		if p.reads {
			g.reads[p.loc] = append(g.reads[p.loc], r)
		}
	}
	g.arrive(t, &p)
	return g.point(r)
}

// arrive puts the task where its newest point leaves it.
func (g *graph) arrive(t int, p *point) {
	l := &g.lanes[t]
	l.at = p.n
	if p.to != nil {
		l.at = p.to
	}
	if p.how == howEnter || p.how == howLeave {
		l.sections = p.new
	}
}

// next returns the task to go on with, or -1: one in the middle of a step, or else the first that has not ended and does not
// wait. half says whether it is in the middle.
func (g *graph) next() (t int, half bool) {
	first := -1
	for t := range g.lanes {
		l := &g.lanes[t]
		if l.at == nil || l.dead {
			continue
		}
		if n := len(l.points); n > 0 && l.points[n-1].to == nil {
			if !l.points[n-1].blocked && (!l.pending() || g.grantable(t)) {
				return t, true
			}
			continue
		}
		if first < 0 && l.at.op != nil && l.at.code != machine.Relax {
			first = t
		}
	}
	return first, false
}

// pop takes the newest point back.
func (g *graph) pop() {
	r := g.order[len(g.order)-1]
	l := &g.lanes[r.task()]
	p := &l.points[r.index()]
	if p.loc >= 0 && p.reads {
		g.reads[p.loc] = g.reads[p.loc][:len(g.reads[p.loc])-1]
	}
	if p.how == howEnter || p.how == howLeave {
		l.sections = p.old
	}
	g.order = g.order[:len(g.order)-1]
	l.points = l.points[:r.index()]
	l.at = p.n
	if p.how == howFork {
		g.lanes[p.child().task.ID].at = nil
	}
}

// child returns the callback that a fork started.
func (p *point) child() *thread {
	for i := range p.n.kids {
		if p.n.kids[i].by == p.ret {
			return p.n.kids[i].child
		}
	}
	return nil
}

// place inserts a write into co.
func (g *graph) place(w ref, loc int32, pos int) {
	g.co[loc] = slices.Insert(g.co[loc], pos, w)
}

func (g *graph) unplace(loc int32, pos int) {
	g.co[loc] = slices.Delete(g.co[loc], pos, pos+1)
}

// rank returns the place of a write in co, from 1; the initial write is 0.
func (g *graph) rank(loc int32, w ref) int {
	if w == initially {
		return 0
	}
	return slices.Index(g.co[loc], w) + 1
}

// floor returns the rank of the newest write to a location that the first n points of a task have made, seen, or must know:
// what it does next there may not be older.
func (g *graph) floor(t, n int, loc int32) int {
	if n == 0 {
		return 0
	}
	rank := g.own(t, n, loc)
	known := &g.lanes[t].points[n-1].certain.acquired
	for i := len(g.co[loc]); i > rank; i-- {
		if known.has(g.co[loc][i-1]) {
			return i
		}
	}
	return rank
}

// own is floor for what the task itself did at the location.
func (g *graph) own(t, n int, loc int32) int {
	points := g.lanes[t].points
	for i := n - 1; i >= 0; i-- {
		switch p := &points[i]; {
		case p.loc != loc:
		case p.writes:
			return g.rank(loc, refOf(t, i))
		case p.reads:
			return g.rank(loc, p.src)
		}
	}
	return 0
}

// second reports whether the point is the second half of an atomic.
func (p *point) second() bool { return p.part == 1 && p.how != howFree }

// claimed reports whether the write at a place in co is the second half of an atomic that saw the write before it: nothing may
// come between the two.
func (g *graph) claimed(loc int32, pos int) bool {
	if pos >= len(g.co[loc]) {
		return false
	}
	w := g.co[loc][pos]
	p := g.point(w)
	if !p.second() {
		return false
	}
	src := g.point(w - 1).src
	return pos == 0 && src == initially || pos > 0 && src == g.co[loc][pos-1]
}

// newest returns the last write to a location.
func (g *graph) newest(loc int32) ref {
	if n := len(g.co[loc]); n > 0 {
		return g.co[loc][n-1]
	}
	return initially
}

// copyFrom makes g the part of h that keep says: for each task the first so many points.
func (g *graph) copyFrom(h *graph, keep *knowledge) {
	g.stamp = h.stamp
	for t := range g.lanes {
		l, m := &g.lanes[t], &h.lanes[t]
		l.points = append(l.points[:0], m.points[:keep[t]]...)
		l.at, l.sections, l.fork, l.dead = m.at, m.sections, m.fork, m.dead
		if int(keep[t]) == len(m.points) {
			continue
		}
		cut := &m.points[keep[t]]
		l.at, l.dead = cut.n, false
		for i := int(keep[t]); i < len(m.points); i++ {
			if p := &m.points[i]; p.how == howEnter || p.how == howLeave {
				l.sections = p.old
				break
			}
		}
	}
	for t := range g.lanes { // callbacks whose fork is gone
		if f := g.lanes[t].fork; f != initially && !keep.has(f) {
			g.lanes[t].at, g.lanes[t].fork = nil, initially
		}
	}
	g.order = filter(g.order, h.order, keep)
	for i := range g.used {
		loc := g.used[i]
		g.co[loc], g.reads[loc] = g.co[loc][:0], g.reads[loc][:0]
	}
	for _, loc := range h.used {
		g.room(loc)
		g.co[loc] = filter(g.co[loc], h.co[loc], keep)
		g.reads[loc] = filter(g.reads[loc], h.reads[loc], keep)
	}
}

func filter(dst, src []ref, keep *knowledge) []ref {
	dst = dst[:0]
	for _, r := range src {
		if keep.has(r) {
			dst = append(dst, r)
		}
	}
	return dst
}
