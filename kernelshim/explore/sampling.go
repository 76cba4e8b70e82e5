package explore

import (
	"context"
	"fmt"
	"strings"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// sampling is the engine that samples executions under LKMM: PCT chooses who moves, and in every second run a read may see
// any write that coherence allows, and a store may be older than others, if memorder allows what comes of it. So it draws
// from what revisits explore, and needs neither their time nor their memory.
type sampling struct {
	seed uint64
	once string // the recipe of the only run to take, a replay
	hash string // of its trace
	*revisit
	schedule
	*corpus
	stale bool // this run may be weak
	g     *graph
	used  sharing

	counting func(*memorder.Execution, []*history) // tests
}

// A read is stale, and a store old, in one of so many cases in which they can be.
const (
	staleOneIn = 2
	oldOneIn   = 8
)

func (s *sampling) name(depends Dependencies) string {
	return fmt.Sprintf("LKMM without load buffering, PCT of depth %d with stale reads, seed %d, %v", sampleDepth, s.seed, depends)
}

func (s *sampling) explore(ctx context.Context, f *forest, limits Limits, out *outcome) error {
	return f.settled(out, func() error { return s.exploreOnce(ctx, f, limits, out) })
}

func (s *sampling) exploreOnce(ctx context.Context, f *forest, limits Limits, out *outcome) error {
	s.revisit = &revisit{}
	s.begin(ctx, f, limits, out)
	s.counted, s.alone = s.counting, true
	s.g, s.used, s.corpus = s.graph(), newSharing(), newCorpus()
	steps, runs, target := 8, min(limits.Executions, sampleRuns), -1
	if s.once != "" {
		if _, err := fmt.Sscanf(s.once, recipe, &s.seed, &target); err != nil {
			return fmt.Errorf("%w: bad schedule %q", ErrReplay, s.once)
		}
		s.seek, runs = s.hash, target+1
	}
	out.whole = float64(runs)
	for run := 0; run < runs && s.going(); run++ {
		s.look()
		s.draw(s.seed, uint64(run), steps, s.corpus)
		s.recipe = fmt.Sprintf(recipe, s.seed, run)
		s.stale = run/len(turns)&1 == 1
		s.start(s.g)
		s.run()
		s.corpus.keep(&s.schedule)
		if run < calibrating {
			steps = max(steps, s.taken)
		}
		s.used.known = run >= calibrating-1
	}
	if s.err == nil && ctx.Err() != nil {
		out.bound(boundOf(ctx))
	}
	s.keepRace()
	out.bound(BoundSample)
	out.covered = s.name(f.depends) + ": without stale reads " + sampleBound(out.complete+out.redundant, len(f.threads), steps, 2)
	return s.err
}

// recipe is how a replay string names a run: seed and number.
const recipe = "pct%d-%d"

func isRecipe(schedule string) bool { return strings.HasPrefix(schedule, "pct") }

// run takes one sample.
func (s *sampling) run() {
	for s.err == nil {
		g := s.g
		t, half := g.next()
		if half {
			if !s.half(t) {
				return
			}
			continue
		}
		can, waiting := s.movable()
		if can == 0 {
			for ; waiting != 0; waiting = waiting.rest() { // they see the newest, and wait for ever
				n := g.lanes[waiting.first()].at
				p, _ := s.seeing(g, n, g.lanes[waiting.first()].steps(), g.newest(n.loc))
				g.push(waiting.first(), p)
				if p.how == howSemWrite { // it waits for readers
					s.half(waiting.first())
				}
			}
			s.leaf(g)
			return
		}
		t = s.pick(can)
		s.moved(t, g.lanes[t].at, &s.used, func(q int) *node { return g.lanes[q].at })
		if !s.step(t) {
			return
		}
		s.arrive(&s.schedule, g.lanes[t].at)
	}
}

// movable returns the tasks that can take a step, and those that have to wait.
func (s *sampling) movable() (can, waiting tasks) {
	for t := range s.g.lanes {
		n := s.g.lanes[t].at
		switch {
		case n == nil || n.op == nil || n.code == machine.Relax:
		case n.loc >= 0 && readsState(n) && s.blocked(n):
			waiting |= one(t)
		default:
			can |= one(t)
		}
	}
	return can, waiting
}

// readsState reports whether what a step does depends on what its location holds.
func readsState(n *node) bool {
	switch n.code {
	case machine.Load, machine.RMW, machine.Await, machine.Acquire, machine.Release, machine.Query:
		return true
	}
	return false
}

func (s *sampling) blocked(n *node) bool {
	s.g.room(n.loc)
	if n.step() == machine.SemWrite && s.g.heldFor(n.sem) {
		return true
	}
	v := s.f.inits[n.loc]
	if w := s.g.newest(n.loc); w != initially {
		v = s.g.point(w).new
	}
	return v != s.poison && s.f.move(n, v).blocked
}

// step takes the next step of a task. It returns false if the run is over.
func (s *sampling) step(t int) bool {
	g := s.g
	if s.simple(g, t) {
		return s.err == nil
	}
	l := &g.lanes[t]
	n := l.at
	p := point{n: n, loc: n.loc, src: initially, step: l.steps()}
	switch {
	case len(l.points) >= maxEvents || n.depth >= s.limits.Steps || n.obj >= 0 && s.freedBy(g, t, n.obj):
		s.branch(g, t)
		return false
	case n.code == machine.Choose:
		p.ret = s.f.intern(s.option(n.op.Choices))
	case n.code == machine.Store:
		s.plain = s.plain || !p.marked()
		p.writes, p.how, p.new = true, howWrite, n.arg
	case s.nested(l):
		return s.section(t)
	case readsState(n):
		return s.read(t)
	case n.code == machine.Free:
		return s.end(t)
	default:
		s.branch(g, t) // a fault
		return false
	}
	p, ok := s.arriving(p)
	if !ok {
		return false
	}
	g.push(t, p)
	return !p.writes || s.put(t)
}

// read has a task read the newest write, or another one.
func (s *sampling) read(t int) bool {
	g := s.g
	l := &g.lanes[t]
	n := l.at
	g.room(n.loc)
	s.plain = s.plain || !(&point{n: n, how: howRead}).marked()
	newest := len(g.co[n.loc])
	if low := g.floor(t, len(l.points), n.loc); low < newest && n.step() == machine.NoSem {
		rank := s.older(low, newest, staleOneIn)
		if rank == newest {
			return s.readNewest(t)
		}
		src := initially
		if rank > 0 {
			src = g.co[n.loc][rank-1]
		}
		p, report := s.seeing(g, n, l.steps(), src)
		if !p.blocked && report == nil && p.to != nil {
			g.push(t, p)
			if s.extensible(g) {
				return s.err == nil
			}
			g.pop()
		}
	}
	return s.readNewest(t)
}

// older chooses one of the places from low on, the newest unless this run may be weak.
func (s *sampling) older(low, newest, oneIn int) int {
	return s.decide(func() int {
		if s.stale && s.rng.IntN(oneIn) == 0 {
			return low + s.rng.IntN(newest-low)
		}
		return newest
	})
}

// readNewest has a task read the newest write.
func (s *sampling) readNewest(t int) bool {
	g := s.g
	l := &g.lanes[t]
	n := l.at
	p, report := s.seeing(g, n, l.steps(), g.newest(n.loc))
	if s.err != nil {
		return false
	}
	g.push(t, p)
	if report != nil {
		s.fail(g, t, report)
		return false
	}
	return true
}

// half ends a step that has begun.
func (s *sampling) half(t int) bool {
	l := &s.g.lanes[t]
	p := l.points[len(l.points)-1]
	if p.how == howFree {
		return s.endNext(t, p.n, p.step, p.part+1)
	}
	if p.how == howSemWrite && p.part > 0 {
		return s.pushPeer(s.g, t)
	}
	p, ok := s.secondPoint(p)
	if !ok {
		return false
	}
	s.g.push(t, p)
	s.g.place(s.last(t), p.loc, len(s.g.co[p.loc]))
	return true
}

// end ends the life of an object.
func (s *sampling) end(t int) bool {
	s.learn()
	l := &s.g.lanes[t]
	for q := range s.g.lanes {
		if q != t && s.freedBy(s.g, q, l.at.obj) {
			s.fail(s.g, t, useAfterFree(l.at))
			return false
		}
	}
	if len(s.poisoned(l.at, t)) > 0 {
		return s.endNext(t, l.at, l.steps(), 0)
	}
	p, ok := s.arriving(point{n: l.at, loc: -1, src: initially, step: l.steps(), how: howFree})
	if ok {
		s.g.push(t, p)
	}
	return ok
}

func (s *sampling) endNext(t int, n *node, step int16, part uint8) bool {
	p, ok := s.freePoint(n, t, step, part)
	if !ok {
		return false
	}
	s.g.push(t, p)
	return s.put(t)
}

// put places the write that is the newest point of a task.
func (s *sampling) put(t int) bool {
	g, w := s.g, s.last(t)
	loc := g.point(w).loc
	g.room(loc)
	last := len(g.co[loc])
	if low := g.floor(t, w.index(), loc); low < last {
		if pos := s.older(low, last, oldOneIn); pos < last && !g.claimed(loc, pos) {
			g.place(w, loc, pos)
			if s.extensible(g) {
				return s.timely(loc, pos)
			}
			g.unplace(loc, pos)
		}
	}
	g.place(w, loc, last)
	return s.timely(loc, last)
}

// timely reports whether no write has come after the end of its object.
func (s *sampling) timely(loc int32, pos int) bool {
	late := s.late(s.g, loc, pos)
	if late != nil {
		s.fail(s.g, late.n.taskID(), useAfterFree(late.n))
	}
	return late == nil && s.err == nil
}

func (s *sampling) last(t int) ref { return refOf(t, len(s.g.lanes[t].points)-1) }

// section takes a step of a reader that looks at nothing.
func (s *sampling) section(t int) bool {
	p, report := s.sectionPoint(s.g, t)
	if report != nil {
		s.fail(s.g, t, report)
		return false
	}
	p, ok := s.arriving(p)
	if !ok {
		return false
	}
	s.g.push(t, p)
	return !p.writes || s.put(t)
}
