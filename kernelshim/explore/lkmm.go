package explore

import (
	"context"
	"time"
)

// lkmm explores under the Linux kernel memory model by the engines that the budget allows: first the executions without
// load buffering, by revisits, which goes furthest; then, if nothing failed, all executions by enumeration. If even revisits
// take too long, the rest of the time goes to samples. The result says what was covered.
type lkmm struct{ seed uint64 }

const (
	// enumerationEffort is the share of enumeration, about two seconds: what it cannot do then it cannot do at all. It is work
	// and not time, so that a verdict is the same on every machine.
	enumerationEffort = 1_500_000

	// sampleShare is the part of the budget that is kept for samples.
	sampleShare = 5
)

func (*lkmm) name(depends Dependencies) string { return new(axiomatic).name(depends) }

func (l *lkmm) explore(ctx context.Context, f *forest, limits Limits, out *outcome) error {
	first := *out
	early, cancel := context.WithCancel(ctx)
	if end, ok := ctx.Deadline(); ok {
		early, cancel = context.WithDeadline(ctx, end.Add(-time.Until(end)/sampleShare))
	}
	defer cancel()
	r := new(revisit)
	if err := r.explore(early, f, limits, &first); err != nil {
		return err
	}
	first.covered = r.name(f.depends)
	switch {
	case first.fail != nil:
	case len(first.bounds) > 0:
		if err := l.sample(ctx, f, limits, &first); err != nil {
			return err
		}
	default:
		return l.enumerate(ctx, f, limits, out, &first)
	}
	*out = first
	return nil
}

// enumerate covers load buffering, if there is time.
func (l *lkmm) enumerate(ctx context.Context, f *forest, limits Limits, out, first *outcome) error {
	slice, cancel := context.WithCancel(ctx)
	defer cancel()
	out.rule = first.rule
	if err := (&axiomatic{effort: enumerationEffort, giveUp: cancel}).explore(slice, f, limits, out); err != nil {
		return err
	}
	if out.fail == nil && len(out.bounds) > 0 {
		*out = *first // a proof without load buffering is worth more than half of one with it
	}
	return nil
}

// sample looks for a failure in what revisits did not reach.
func (l *lkmm) sample(ctx context.Context, f *forest, limits Limits, first *outcome) error {
	s, more := &sampling{seed: l.seed}, &outcome{progress: first.progress}
	if err := s.explore(ctx, f, limits, more); err != nil {
		return err
	}
	if more.fail != nil {
		first.fail, first.weak, first.covered = more.fail, more.weak, s.name(f.depends)
	}
	return nil
}
