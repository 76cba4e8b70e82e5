package explore

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// Sampling. One run in four gives every task a random priority and always lets the first that can move take a step; at depth-1
// random steps the task that moves becomes the last of all. This is PCT: Burckhardt, Kothari, Musuvathi and Nagarakatti, "A
// randomized scheduler with probabilistic guarantees of finding bugs", ASPLOS 2010: a bug that depends on the order of depth
// steps shows in a run of n tasks and k steps with a probability of at least 1/(n * k^(depth-1)). The other runs are for bugs
// that are deeper, and the bound does not count them. One in four draws a priority for each step, anew when a step that it
// conflicts with was taken (POS: Yuan, Yang and Gu, "Partial order aware concurrency sampling", CAV 2018). Two in four go on
// from a run that showed something new (corpus.go).
const (
	sampleDepth = 3
	sampleRuns  = 100_000 // unless Limits.Executions says less
)

// BoundSample is the bound of every exploration that samples.
const BoundSample Bound = "a sample"

// A strategy is how a run chooses who moves.
type strategy uint8

const (
	byPriority strategy = iota // PCT
	byStep                     // POS
)

// turns are the strategies that are taken in turn, the first of which is what the bound is about.
var turns = [...]struct {
	by      strategy
	resumes bool
}{{byPriority, false}, {byPriority, true}, {byStep, false}, {byPriority, true}}

// A schedule is the random part of one run.
type schedule struct {
	rng      *rand.Rand
	strategy strategy
	priority [machine.MaxTasks]int
	known    tasks
	change   [sampleDepth - 1]int // steps at which the task that moves is put back
	taken    int
	steps    int // that a run is expected to take

	prefix []int32 // how it begins: the decisions of an earlier run
	turn   bool    // and that another task is to move then
	last   int     // who moved last
	log    []int32 // its decisions
	cuts   []int32 // how many there were before each step that conflicts with those of others
	fresh  int     // how many there were when it showed something new; -1: it has not
}

// A sharing says which tasks were seen to use a location, by kind of access, and to use or to free an object.
type sharing struct {
	access map[int32]*[accesses]tasks
	uses   map[int32]tasks
	frees  map[int32]tasks
	known  bool // the calibration is over: what a run does depends on its number alone
}

// accesses is how many kinds of access there are.
const accesses = int(machine.Readers) + 1

func newSharing() sharing {
	return sharing{access: map[int32]*[accesses]tasks{}, uses: map[int32]tasks{}, frees: map[int32]tasks{}}
}

// calibrating runs find out what tasks share, and how many steps they take.
const calibrating = 16

// draw makes the schedule of a run that is expected to take so many steps.
func (s *schedule) draw(seed, run uint64, steps int, from *corpus) {
	turn := turns[run%uint64(len(turns))]
	*s = schedule{rng: rand.New(rand.NewPCG(seed, run)), strategy: turn.by, steps: max(1, steps), last: -1, fresh: -1}
	for i := range s.change {
		s.change[i] = 1 + s.rng.IntN(s.steps)
	}
	if turn.resumes {
		from.resume(s)
	}
}

// pick chooses among the tasks that can move.
func (s *schedule) pick(can tasks) int {
	s.last = s.decide(func() int {
		if s.turn && s.last >= 0 && can&^one(s.last) != 0 {
			can &^= one(s.last)
			s.anew()
		}
		s.turn = false
		return s.choose(can)
	})
	return s.last
}

// option chooses one of so many.
func (s *schedule) option(n int) int {
	if n == 1 {
		return 0
	}
	return s.decide(func() int { return s.rng.IntN(n) })
}

// anew gives a run that has begun like another one its own way to go on: a task that runs as far as it can, or not quite.
func (s *schedule) anew() {
	s.known, s.change = 0, [sampleDepth - 1]int{}
	for i := range s.rng.IntN(len(s.change) + 1) {
		s.change[i] = s.taken + 1 + s.rng.IntN(s.steps)
	}
}

// choose chooses by the strategy.
func (s *schedule) choose(can tasks) int {
	best := -1
	for ; can != 0; can = can.rest() {
		t := can.first()
		if !s.known.has(t) {
			s.known |= one(t)
			s.priority[t] = sampleDepth + s.rng.IntN(1<<20)
		}
		if best < 0 || s.priority[t] > s.priority[best] {
			best = t
		}
	}
	return best
}

// moved counts a step of the task that was picked. Only steps that conflict with those of other tasks count: to put a task back
// elsewhere changes nothing. next is what the other tasks are about to do.
func (s *schedule) moved(t int, n *node, used *sharing, next func(int) *node) {
	if n.loc < 0 && n.obj < 0 || !used.conflicts(t, n) {
		return
	}
	s.taken++
	s.cuts = append(s.cuts, int32(len(s.log)-1))
	switch s.strategy {
	case byPriority:
		for i, at := range s.change {
			if at == s.taken {
				s.priority[t] = i
			}
		}
	case byStep:
		s.known &^= one(t)
		for q := s.known; q != 0; q = q.rest() {
			if o := next(q.first()); o != nil && dependent(n, o) {
				s.known &^= one(q.first())
			}
		}
	}
}

// conflicts reports whether a step does not commute with some step that another task was seen to take.
func (s *sharing) conflicts(t int, n *node) bool {
	if !s.known {
		s.note(one(t), n)
	}
	others := s.frees[n.obj]
	if n.code == machine.Free {
		others |= s.uses[n.obj]
	}
	if by := s.access[n.loc]; by != nil {
		for a := range by {
			if n.access.Conflicts(machine.Access(a)) {
				others |= by[a]
			}
		}
	}
	return others&^one(t) != 0
}

func (s *sharing) note(me tasks, n *node) {
	if n.obj >= 0 {
		s.uses[n.obj] |= me
		if n.code == machine.Free {
			s.frees[n.obj] |= me
		}
	}
	if n.loc >= 0 {
		if s.access[n.loc] == nil {
			s.access[n.loc] = &[accesses]tasks{}
		}
		s.access[n.loc][n.access] |= me
	}
}

// sampleBound writes what a sample proves.
func sampleBound(runs, tasks, steps, weaken int) string {
	runs /= len(turns)
	odds := float64(weaken*tasks) * math.Pow(float64(steps), sampleDepth-1)
	return fmt.Sprintf("a bug of depth %d shows in a run with probability 1/%.0f or more, in %s runs with %.2g", sampleDepth, odds,
		count(runs), -math.Expm1(float64(runs)*math.Log1p(-1/odds)))
}

// pct is the engine that samples interleavings.
type pct struct {
	seed uint64
	used sharing
	schedule
}

func (p *pct) name(Dependencies) string {
	return fmt.Sprintf("sequential consistency, PCT of depth %d, seed %d", sampleDepth, p.seed)
}

func (p *pct) explore(ctx context.Context, f *forest, limits Limits, out *outcome) error {
	steps, runs := 8, min(limits.Executions, sampleRuns)
	p.used = newSharing()
	known := newCorpus()
	for run := range runs {
		if out.progress != nil && run&1023 == 0 {
			out.whole = float64(runs)
			out.progress(out)
		}
		if ctx.Err() != nil {
			out.bound(boundOf(ctx))
			break
		}
		p.draw(p.seed, uint64(run), steps, known)
		s := newState(f)
		trail, fail, err := p.run(s, limits, known)
		if err != nil {
			return err
		}
		out.complete++
		out.steps += len(trail)
		out.events = max(out.events, len(trail))
		if run < calibrating {
			steps = max(steps, p.taken)
		}
		p.used.known = run >= calibrating-1
		if fail != nil {
			if out.fail == nil || fail.Kind == limits.want {
				out.trail, out.fail = trail, fail
			}
			if limits.want == "" || fail.Kind == limits.want {
				return nil
			}
		}
	}
	out.bound(BoundSample)
	out.covered = p.name(f.depends) + ": " + sampleBound(out.complete, len(f.threads), steps, 1)
	return nil
}

// run takes one sample.
func (p *pct) run(s *state, limits Limits, known *corpus) (trail []event, fail *Report, err error) {
	defer known.keep(&p.schedule)
	for {
		enabled, waiting := s.enabled()
		if enabled == 0 {
			if fail, err = s.verdict(waiting); fail == spins {
				fail = nil
			}
			return trail, fail, err
		}
		t := p.pick(enabled)
		p.moved(t, s.at[t], &p.used, func(q int) *node { return s.at[q] })
		if s.at[t].depth >= limits.Steps {
			return trail, nil, nil
		}
		ev, err := s.step(t, p.option(s.choices(t)))
		if err != nil {
			return trail, nil, err
		}
		trail = append(trail, ev)
		known.arrive(&p.schedule, ev.to)
		if ev.fail != nil {
			return trail, ev.fail, nil
		}
	}
}
