package explore

import (
	"context"
	"fmt"
	"strings"
)

// weakSchedule stands in a replay string for the schedule of an execution under LKMM, which has none. If revisits found it,
// the alternatives that lead to it follow: "-3x2" for three first ones and then number 2; before them
// the locks whose readers were found not to commute (sem.go), each as "+" and its key. Otherwise it is found again by
// enumerating until its trace comes up.
const weakSchedule = "lkmm"

func (f *forest) weakReplay(name string, w *witness) string {
	schedule, firsts := weakSchedule, 0
	if w.recipe != "" {
		schedule = w.recipe
	}
	if w.path != nil {
		for _, key := range w.wholes {
			schedule += "+" + key
		}
	}
	for _, n := range w.path {
		if n == 0 {
			firsts++
			continue
		}
		schedule += fmt.Sprintf("-%dx%d", firsts, n)
		firsts = 0
	}
	if w.path != nil {
		schedule += fmt.Sprintf("-%d", firsts)
	}
	return strings.Join([]string{replayVersion, f.scenarioHash(name), schedule, f.traceHash(w.trail)}, ".")
}

// alternatives reads the schedule again; ok is false if it names none.
func alternatives(schedule string) (path []uint16, ok bool) {
	parts := strings.Split(schedule, "-")
	for _, part := range parts[1:] {
		var firsts int
		var n uint16
		fields, _ := fmt.Sscanf(part, "%dx%d", &firsts, &n)
		if fields < 1 || firsts < 0 || firsts > MaxSteps {
			return nil, false
		}
		path = append(path, make([]uint16, firsts)...)
		if fields == 2 {
			path = append(path, n)
		}
	}
	return path, len(parts) > 1
}

// isWeak reports whether a replay string is of an execution under LKMM.
func isWeak(text string) bool {
	part := strings.Split(text, ".")
	return len(part) == 4 && part[0] == replayVersion && (strings.HasPrefix(part[2], weakSchedule) || isRecipe(part[2]))
}

// seek finds an execution under LKMM again.
func seek(ctx context.Context, f *forest, limits Limits, schedule, hash string, out *outcome) error {
	if isRecipe(schedule) {
		s := &sampling{once: schedule, hash: hash}
		return s.explore(ctx, f, limits, out)
	}
	if path, ok := alternatives(schedule); ok {
		locks, _, _ := strings.Cut(schedule, "-")
		f.adoptWhole(strings.Split(locks, "+")[1:])
		v := &revisit{axiomatic: &axiomatic{seek: hash}, forced: path, only: true}
		return v.explore(ctx, f, limits, out)
	}
	a := &axiomatic{seek: hash}
	return a.explore(ctx, f, limits, out)
}

// replayWeak finds the execution again that a replay string names.
func (c *config) replayWeak(f *forest, r *Result, text string) error {
	part := strings.Split(text, ".")
	if part[1] != f.scenarioHash(r.Name) {
		return fmt.Errorf("%w than %s: %s; select its test by -run", errOther, r.Name, text)
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.limits.Budget)
	defer cancel()
	out := &outcome{}
	if err := seek(ctx, f, c.limits, part[2], part[3], out); err != nil {
		return err
	}
	if out.weak == nil {
		return fmt.Errorf("%w %q is stale: no execution takes these steps; run the exploration again", ErrReplay, text)
	}
	r.Executions, r.Events, r.Verdict = 1, len(out.weak.trail), Buggy
	r.Failure = out.weak.f.weakFailure(r.Name, out.weak)
	return nil
}
