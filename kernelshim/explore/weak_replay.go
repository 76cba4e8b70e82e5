package explore

import (
	"context"
	"fmt"
	"strings"
)

// weakSchedule stands in a replay string for the schedule: an execution under LKMM has none, and is found again by
// enumerating until its trace comes up.
const weakSchedule = "lkmm"

func (f *forest) weakReplay(name string, trail []event) string {
	return strings.Join([]string{replayVersion, f.scenarioHash(name), weakSchedule, f.traceHash(trail)}, ".")
}

// isWeak reports whether a replay string is of an execution under LKMM.
func isWeak(text string) bool {
	part := strings.Split(text, ".")
	return len(part) == 4 && part[0] == replayVersion && part[2] == weakSchedule
}

// replayWeak finds the execution again that a replay string names.
func (c *config) replayWeak(f *forest, r *Result, text string) error {
	part := strings.Split(text, ".")
	if part[1] != f.scenarioHash(r.Name) {
		return fmt.Errorf("%w than %s: %s; select its test by -run", errOther, r.Name, text)
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.limits.Budget)
	defer cancel()
	a, out := &axiomatic{seek: part[3]}, &outcome{}
	if err := a.explore(ctx, f, c.limits, out); err != nil {
		return err
	}
	if out.weak == nil {
		return fmt.Errorf("%w %q is stale: no execution takes these steps; run the exploration again", ErrReplay, text)
	}
	r.Executions, r.Events, r.Verdict = 1, len(out.weak.trail), Buggy
	r.Failure = f.weakFailure(r.Name, out.weak)
	return nil
}
