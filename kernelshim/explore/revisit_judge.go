package explore

import (
	"cmp"
	"slices"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// taskID is the task of the node.
func (n *node) taskID() int { return int(n.thread.task.ID) }

// compiled returns what a task has done, as events: from memory if it was asked before.
func (v *revisit) compiled(g *graph, t int) *compiled {
	l := &g.lanes[t]
	n := len(l.points)
	whole := n == 0 || l.points[n-1].to != nil || l.points[n-1].blocked || l.pending()
	if v.semVersion != v.f.semVersion || v.readyFor != v.strict {
		v.semVersion, v.readyFor = v.f.semVersion, v.strict
		clear(v.ready)
	}
	if whole {
		if c := v.ready[l.at]; c != nil {
			return c
		}
	}
	c := &compiled{}
	if h := v.history(g, t, ended, nil); h != nil {
		c.thread = h.thread
		for _, i := range h.firstOf {
			c.first = append(c.first, int32(i))
		}
		for i := range h.thread.Accesses() {
			if tag := h.thread.Access(i).Tag; tag == memorder.SRCULock || tag == memorder.SRCUUnlock {
				c.sections = append(c.sections, section{access: i, domain: h.locs[i], open: tag == memorder.SRCULock})
			}
		}
	}
	if whole {
		if len(v.ready) >= maxCompiled {
			clear(v.ready)
		}
		v.ready[l.at] = c
	}
	return c
}

// maxCompiled bounds the local histories that are kept as events: some hundred megabytes.
const maxCompiled = 1 << 15

// history makes the history of a task in a graph.
func (v *revisit) history(g *graph, t int, end ending, report *Report) *history {
	l := &g.lanes[t]
	th := l.at.thread
	w := walker{a: v.axiomatic, p: v.prog(th), sections: l.sections}
	for i := range l.points {
		p := &l.points[i]
		switch {
		case p.blocked:
		case p.how == howSemWrite && (p.part > 1 || !l.granted(i-int(p.part))):
		case p.part > 0:
			last := &w.path[len(w.path)-1]
			last.new = p.new
		default:
			s := taken{n: p.n, old: p.old, new: p.new, ret: p.ret, how: p.how}
			s.gone = p.reads && p.old == v.poison
			if p.how == howFork {
				s.child = p.child()
			}
			w.path = append(w.path, s)
		}
	}
	return v.axiomatic.history(&w, end, report)
}

// assemble makes the graph a candidate execution. It returns false if memorder cannot hold it.
func (v *revisit) assemble(g *graph) bool {
	v.order, v.actors = v.order[:0], v.actors[:0]
	var done [machine.MaxTasks]*compiled
	for t := range g.lanes {
		if g.lanes[t].at == nil {
			continue
		}
		c := v.compiled(g, t)
		if c.thread == nil {
			return false
		}
		done[t], v.slots[t] = c, len(v.order)
		v.order, v.actors = append(v.order, c.thread), append(v.actors, t)
	}
	access := func(r ref) memorder.AccessID {
		if r == initially {
			return memorder.Initial
		}
		p := g.point(r)
		i := int(done[r.task()].first[p.step]) + int(p.part)
		if p.how == howUnlock {
			i--
		}
		return memorder.ID(v.slots[r.task()], i)
	}
	v.x.Adopt(v.order, len(v.locs))
	for _, t := range v.actors {
		v.sections(t, done[t].sections)
		for i := range g.lanes[t].points {
			p := &g.lanes[t].points[i]
			switch {
			case p.how == howSemWrite:
				if p.part == 0 && g.lanes[t].granted(i) {
					v.seeAll(g, t, i, access)
				}
			case p.how == howFork:
				v.x.Follow(v.compact(v.requests[p.child()]), access(refOf(t, i)))
			case p.how == howCallback:
				v.x.See(access(refOf(t, i)), access(g.lanes[t].fork))
			case p.reads && !p.blocked && p.how != howLock && p.how != howUnlock && p.how != howNothing:
				v.x.See(access(refOf(t, i)), access(p.src))
			}
		}
	}
	for _, loc := range g.used {
		if len(g.co[loc]) == 0 {
			continue
		}
		n := v.compact(loc)
		for _, w := range g.co[loc] {
			if g.point(w).how != howSemWrite || g.lanes[w.task()].granted(w.index()-1) {
				v.x.Follow(n, access(w))
			}
		}
	}
	return true
}

// A section is one end of a section of SRCU, as an access to its domain.
type section struct {
	access int
	domain int32
	open   bool
}

// sections adds what a task's CPU says of its interrupts and translations: nobody else writes there.
func (v *revisit) sections(t int, all []section) {
	for k, s := range all {
		id := memorder.ID(v.slots[t], s.access)
		if !s.open {
			v.x.Follow(v.compact(s.domain), id)
			continue
		}
		last := memorder.Initial
		for _, before := range all[:k] {
			if before.domain == s.domain && !before.open {
				last = memorder.ID(v.slots[t], before.access)
			}
		}
		v.x.See(id, last)
	}
}

// extensible asks memorder whether the graph is worth going on with.
func (v *revisit) extensible(g *graph) bool {
	if g.interleaved(&v.stepper) {
		return true
	}
	return v.allowed(g, v.x.Extensible)
}

// allowed has memorder judge the graph: it obeys the axioms that test asks for. What breaks one with dependencies that are only
// presumed is judged again with those that there are.
func (v *revisit) allowed(g *graph, test func() bool) bool {
	for {
		if !v.assemble(g) {
			v.out.cut++
			return false
		}
		if test() {
			return true
		}
		if v.strict != utmost || v.err != nil {
			return false
		}
		v.learn()
	}
}

// leaf judges a graph in which no task can move.
func (v *revisit) leaf(g *graph) {
	waiting, spin, real := v.waits(g)
	if !real {
		return
	}
	races := v.plain && v.mayRace && (v.shrink || v.race == nil || slices.Compare(v.path, v.race.path) < 0) && !g.raceless()
	if v.counted != nil {
		v.learn()
	}
	if (v.grace || races || v.counted != nil) && !v.allowed(g, func() bool {
		return v.x.Permitted(races) && (v.strict != utmost || !races || v.x.Races()) // fewer dependencies, more races
	}) {
		v.out.redundant++
		return
	}
	report, err := v.final.verdictOf(v, g, waiting)
	v.err = cmp.Or(v.err, err)
	if spin && report == spins {
		v.out.blocked++
		return
	}
	v.count(g)
	if report != nil {
		if !v.commuting(g) {
			return
		}
		v.assemble(g)
		v.choose(g, -1, nil)
		v.found(report)
	} else if races && v.x.Races() {
		v.choose(g, -1, nil)
		if r := raceReport(v.axiomatic, v.x); v.shrink {
			v.shorter(r)
		} else {
			v.race = v.witnessOf(v.x, r)
		}
	}
}

// waits returns the tasks that wait, and whether one of them is about to try again. The graph is no execution if a task has
// died, or if one waits for what it has not looked at.
func (v *revisit) waits(g *graph) (waiting tasks, spin, real bool) {
	for t := range g.lanes {
		l := &g.lanes[t]
		if l.dead {
			return 0, false, false // judged when it died
		}
		if l.at != nil && l.at.op != nil && l.at.code == machine.Relax {
			waiting |= one(t)
			spin = true
		}
		if n := len(l.points); n > 0 && l.points[n-1].blocked {
			if p := &l.points[n-1]; p.src != g.newest(p.loc) || !g.waitsFor(t, p) {
				v.out.blocked++
				return 0, false, false
			}
			waiting |= one(t)
		}
		if l.pending() {
			waiting |= one(t)
		}
	}
	return waiting, spin, true
}

// count counts an execution.
func (v *revisit) count(g *graph) {
	v.out.complete++
	v.out.events = max(v.out.events, len(g.order))
	if v.total() >= v.limits.Executions {
		v.out.bound(BoundExecutions)
		v.halt = true
	}
	v.rules(g)
	if v.counted != nil {
		v.choose(g, -1, nil)
		v.counted(v.x, v.chosen)
	}
}

// verdictOf judges the state that the graph ends in.
func (s *state) verdictOf(v *revisit, g *graph, waiting tasks) (*Report, error) {
	s.extend()
	copy(s.mem, s.f.inits)
	clear(s.freed)
	none := s.f.inits[s.f.m.Sections.ID]
	var open machine.Sections
	any := false
	for t := range g.lanes {
		l := &g.lanes[t]
		s.at[t] = l.at
		if l.at != nil && l.sections != none {
			open[t] = s.f.values[l.sections].(machine.Sections)[t]
			any = true
		}
		for i := range l.points {
			if p := &l.points[i]; p.how == howFree {
				s.freed[p.n.obj] = true
			}
		}
	}
	if any {
		s.mem[s.f.m.Sections.ID] = s.f.intern(open)
	}
	for _, loc := range g.used {
		if w := g.newest(loc); w != initially {
			s.mem[loc] = g.point(w).new
		}
	}
	for loc, sem := range s.f.sems {
		if !sem.whole && int(loc) < len(g.co) {
			s.mem[loc] = v.heldBy(g, sem)
		}
	}
	if v.out.final != nil {
		v.out.final(s)
	}
	return s.verdict(waiting)
}

// choose makes the graph what the axiomatic engine draws: a history for each task.
func (v *revisit) choose(g *graph, failing int, report *Report) {
	v.chosen = v.chosen[:0]
	for _, t := range v.actors {
		end, r := ended, (*Report)(nil)
		if t == failing {
			end, r = failed, report
		}
		v.chosen = append(v.chosen, v.history(g, t, end, r))
	}
}

// fail judges a graph in which a task has failed, and keeps of it what led to that. If it is another failure that is looked
// for, the other tasks go on.
func (v *revisit) fail(g *graph, t int, r *Report) {
	if !v.allowed(g, func() bool { return v.x.Permitted(false) }) {
		v.out.redundant++
		return
	}
	if !v.commuting(g) {
		return
	}
	h := v.essence(g, t, r)
	v.assemble(h)
	v.choose(h, t, r)
	v.found(r)
	v.release(h)
	if !v.halt && !v.alone {
		g.lanes[t].dead = true
		v.visit(g, false)
		g.lanes[t].dead = false
	}
}

// essence makes the part of a graph without which a task would not have failed. What is left out only adds constraints.
func (v *revisit) essence(g *graph, t int, r *Report) *graph {
	var keep knowledge
	if n := len(g.lanes[t].points); n > 0 {
		keep = g.lanes[t].points[n-1].clock
	} else if f := g.lanes[t].fork; f != initially {
		keep = g.point(f).clock
	}
	for i := range g.order {
		if p := g.point(g.order[i]); p.how == howFree && (r.Kind == UseAfterFree || r.Kind == DoubleFree) && p.n.obj == r.node.obj {
			keep.join(&p.clock)
		}
	}
	h := v.graph()
	h.copyFrom(g, &keep)
	return h
}

// found keeps a failure.
func (v *revisit) found(r *Report) {
	if v.shrink {
		v.shorter(r)
		return
	}
	v.failed(v.x, r)
	if v.halt && v.crew != nil {
		v.crew.failed(v.path)
	}
}

// total counts one more execution, and returns how many there are.
func (v *revisit) total() int {
	if v.crew == nil {
		return v.out.complete
	}
	if v.untold++; v.untold == tellAfter {
		v.tell()
	}
	return int(v.crew.complete.Load()) + v.untold
}
