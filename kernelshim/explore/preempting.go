package explore

import (
	"context"
	"fmt"
)

// preempting is the engine that explores all interleavings in which a task that could go on is interrupted at most so many
// times: context bounding. States that were seen with as many interruptions left are not explored again.
type preempting struct {
	most int

	f      *forest
	s      *state
	ctx    context.Context
	limits Limits
	out    *outcome
	trail  []event
	seen   map[preempted]bool
	err    error
	halt   bool
}

type preempted struct {
	hash [2]uint64
	last int
	left int
}

// maxPreempted bounds the states that are remembered: a gigabyte.
const maxPreempted = 10_000_000

// BoundStates is hit by Preempting.
const BoundStates Bound = "states"

func (p *preempting) name(Dependencies) string {
	return fmt.Sprintf("sequential consistency, at most %s", plural(p.most, "preemption"))
}

func (p *preempting) explore(ctx context.Context, f *forest, limits Limits, out *outcome) error {
	*p = preempting{most: p.most, f: f, s: newState(f), ctx: ctx, limits: limits, out: out, seen: map[preempted]bool{}}
	p.visit(-1, p.most)
	return p.err
}

func (p *preempting) visit(last, left int) {
	key := preempted{p.s.hash(), last, left}
	if p.halt || p.seen[key] || p.limited() {
		return
	}
	p.seen[key] = true
	enabled, waiting := p.s.enabled()
	if enabled == 0 {
		fail, err := p.s.verdict(waiting)
		if fail == spins {
			p.out.redundant++
			return
		}
		if p.err = err; err != nil || fail != nil {
			p.failed(fail)
			return
		}
		p.out.complete++
		return
	}
	for ; enabled != 0; enabled = enabled.rest() {
		t, rest := enabled.first(), left
		if last >= 0 && t != last && p.s.at[last] != nil && p.canMove(last) {
			rest--
		}
		if rest < 0 {
			continue
		}
		for c := range p.s.choices(t) {
			p.take(t, c, rest)
		}
	}
}

// canMove reports whether a task could go on.
func (p *preempting) canMove(t int) bool {
	enabled, _ := p.s.enabled()
	return enabled.has(t)
}

func (p *preempting) take(t, choice, left int) {
	if p.halt {
		return
	}
	ev, err := p.s.step(t, choice)
	if err != nil {
		p.err, p.halt = err, true
		return
	}
	p.out.steps++
	p.trail = append(p.trail, ev)
	p.out.events = max(p.out.events, len(p.trail))
	if ev.fail != nil {
		p.failed(ev.fail)
	} else {
		p.visit(t, left)
	}
	p.trail = p.trail[:len(p.trail)-1]
	p.s.undo(&ev)
}

func (p *preempting) failed(r *Report) {
	if r == nil {
		p.halt = true
		return
	}
	if p.out.failing != nil {
		p.out.failing(r)
	}
	if p.out.fail == nil || r.Kind == p.limits.want {
		p.out.fail, p.out.trail = r, append([]event(nil), p.trail...)
	}
	p.halt = p.limits.want == "" || r.Kind == p.limits.want
}

// limited reports whether a bound was hit.
func (p *preempting) limited() bool {
	var hit Bound
	switch {
	case len(p.seen) >= maxPreempted:
		hit = BoundStates
	case p.out.complete >= p.limits.Executions:
		hit = BoundExecutions
	case len(p.trail) > 0 && p.trail[len(p.trail)-1].n.depth >= p.limits.Steps:
		p.out.bound(BoundSteps)
		p.out.cut++
		return true
	case p.out.steps%lookEvery == 0 && p.ctx.Err() != nil:
		hit = boundOf(p.ctx)
	default:
		return false
	}
	p.out.bound(hit)
	p.halt = true
	return true
}
