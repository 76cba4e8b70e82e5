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
	sampleDepth = 3
	sampleRuns  = 100_000 // unless Limits.Executions says less
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
}

// draw makes the schedule of a run that is expected to take so many steps.
func (s *schedule) draw(seed, run uint64, steps int) {
	*s = schedule{rng: rand.New(rand.NewPCG(seed, run))}
	for i := range s.change {
		s.change[i] = 1 + s.rng.IntN(max(1, steps))
	}
}

// pick chooses among the tasks that can move, and counts the step.
func (s *schedule) pick(can tasks) int {
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
	s.taken++
	for i, at := range s.change {
		if at == s.taken {
			s.priority[best] = i
		}
	}
	return best
}

// bound writes what a sample proves.
func sampleBound(runs, tasks, steps, weaken int) string {
	odds := float64(weaken*tasks) * math.Pow(float64(steps), sampleDepth-1)
	return fmt.Sprintf("a bug of depth %d shows in a run with probability 1/%.0f or more, in %s runs with %.2g", sampleDepth, odds,
		count(runs), -math.Expm1(float64(runs)*math.Log1p(-1/odds)))
}

// pct is the engine that samples interleavings.
type pct struct {
	seed uint64
	schedule
}

func (p *pct) name() string {
	return fmt.Sprintf("sequential consistency, PCT of depth %d, seed %d", sampleDepth, p.seed)
}

func (p *pct) explore(ctx context.Context, f *forest, limits Limits, out *outcome) error {
	steps, runs := 32, min(limits.Executions, sampleRuns)
	for run := range runs {
		if out.progress != nil && run&1023 == 0 {
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
		steps = max(steps, len(trail))
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
			fail, err = s.verdict(waiting)
			return trail, fail, err
		}
		t := p.pick(enabled)
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
