package explore

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// Sampling. A run gives every task a random priority and always lets the first that can move take a step; at depth-1 random
// steps the task that moves becomes the last of all. This is PCT: Burckhardt, Kothari, Musuvathi and Nagarakatti, "A
// randomized scheduler with probabilistic guarantees of finding bugs", ASPLOS 2010: a bug that depends on the order of depth
// steps shows in a run of n tasks and k steps with a probability of at least 1/(n * k^(depth-1)).
const (
	sampleDepth = 4
	sampleRuns  = 100_000 // unless Limits.Executions says less
	walkEvery   = 4       // one run of so many is a random walk, for bugs that are deeper; the bound does not count it
)

// BoundSample is the bound of every exploration that samples.
const BoundSample Bound = "a sample"

// A schedule is the random part of one run.
type schedule struct {
	rng      *rand.Rand
	priority [machine.MaxTasks]int
	known    tasks
	change   [sampleDepth - 1]int // steps at which the task that moves is put back
	taken    int
	walk     bool // no priorities: whoever can move, at random
}

// A sharing says which tasks were seen to use a location, or an object.
type sharing struct {
	by    map[int32]tasks
	known bool // the calibration is over: what a run does depends on its number alone
}

// calibrating runs find out what tasks share, and how many steps they take.
const calibrating = 16

// draw makes the schedule of a run that is expected to take so many steps.
func (s *schedule) draw(seed, run uint64, steps int) {
	*s = schedule{rng: rand.New(rand.NewPCG(seed, run)), walk: run%walkEvery == walkEvery-1}
	for i := range s.change {
		s.change[i] = 1 + s.rng.IntN(max(1, steps))
	}
}

// pick chooses among the tasks that can move.
func (s *schedule) pick(can tasks) int {
	if s.walk {
		for n := s.rng.IntN(can.count()); n > 0; n-- {
			can = can.rest()
		}
		return can.first()
	}
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

// moved counts a step of the task that was picked. Only steps on what other tasks use count: to put a task back elsewhere
// changes nothing.
func (s *schedule) moved(t int, n *node, used *sharing) {
	if n.loc < 0 && n.obj < 0 {
		return
	}
	key := n.loc
	if key < 0 {
		key = -1 - n.obj
	}
	if !used.known {
		used.by[key] |= one(t)
	}
	if used.by[key].count() < 2 {
		return
	}
	s.taken++
	for i, at := range s.change {
		if at == s.taken {
			s.priority[t] = i
		}
	}
}

// sampleBound writes what a sample proves.
func sampleBound(runs, tasks, steps, weaken int) string {
	runs -= runs / walkEvery
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

func (p *pct) name() string {
	return fmt.Sprintf("sequential consistency, PCT of depth %d, seed %d", sampleDepth, p.seed)
}

func (p *pct) explore(ctx context.Context, f *forest, limits Limits, out *outcome) error {
	steps, runs := 8, min(limits.Executions, sampleRuns)
	p.used.by = map[int32]tasks{}
	for run := range runs {
		if out.progress != nil && run&1023 == 0 {
			out.whole = float64(runs)
			out.progress(out)
		}
		if ctx.Err() != nil {
			out.bound(boundOf(ctx))
			break
		}
		p.draw(p.seed, uint64(run), steps)
		s := newState(f)
		trail, fail, err := p.run(s, limits)
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
	out.covered = p.name() + ": " + sampleBound(out.complete, len(f.threads), steps, 1)
	return nil
}

// run takes one sample.
func (p *pct) run(s *state, limits Limits) (trail []event, fail *Report, err error) {
	for {
		enabled, waiting := s.enabled()
		if enabled == 0 {
			if fail, err = s.verdict(waiting); fail == spins {
				fail = nil
			}
			return trail, fail, err
		}
		t := p.pick(enabled)
		p.moved(t, s.at[t], &p.used)
		if s.at[t].depth >= limits.Steps {
			return trail, nil, nil
		}
		ev, err := s.step(t, p.rng.IntN(s.choices(t)))
		if err != nil {
			return trail, nil, err
		}
		trail = append(trail, ev)
		if ev.fail != nil {
			return trail, ev.fail, nil
		}
	}
}
