package explore

import (
	"context"
	"slices"
	"time"
)

// lkmm explores under the Linux kernel memory model by the engines that the budget allows: first the executions without
// load buffering, by revisits, which goes furthest; then, if nothing failed, all executions by enumeration. The result says
// what was covered.
type lkmm struct{}

// The share of the budget that enumeration may use after the revisits: what it cannot do in two seconds it cannot do at all.
const enumerationTime = 2 * time.Second

func (*lkmm) name() string { return new(axiomatic).name() }

func (*lkmm) explore(ctx context.Context, f *forest, limits Limits, out *outcome) error {
	first := *out
	r := new(revisit)
	if err := r.explore(ctx, f, limits, &first); err != nil {
		return err
	}
	first.covered = r.name()
	if first.fail != nil || len(first.bounds) > 0 {
		*out = first
		return nil
	}
	slice, cancel := context.WithTimeout(ctx, enumerationTime)
	defer cancel()
	if err := new(axiomatic).explore(slice, f, limits, out); err != nil {
		return err
	}
	if out.fail == nil && len(out.bounds) > 0 && (ctx.Err() == nil || slices.Contains(out.bounds, BoundTime)) {
		*out = first // a proof without load buffering is worth more than half of one with it
	}
	return nil
}
