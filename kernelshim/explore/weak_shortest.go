package explore

import (
	"cmp"
	"context"
	"slices"

	"github.com/mmvet/mmvet/memorder"
)

// The search for a failing execution under LKMM that is easier to read is bounded by numbers, not by time, so that the trace
// that is printed does not depend on the machine: less than a second's work.
const (
	maxShrinkSteps = 500_000
	maxShrinkFound = 2_000
)

// shrunk looks for the failing execution of the same kind with the fewest stale reads, then the fewest switches between tasks,
// then the fewest steps, among those without load buffering, and if there are any, among those that are not in doubt. all says that
// none was left out.
func shrunk(ctx context.Context, f *forest, limits Limits, w *witness) (best *witness, all bool, err error) {
	v := &revisit{shrink: true}
	limits.want = w.report.Kind
	out := &outcome{weak: w, fail: w.report}
	err = v.explore(ctx, f, limits, out)
	if w := out.weak; w.report.Kind == DataRace {
		w.drawer.nameRace()
	}
	return out.weak, !v.halt && len(out.bounds) == 0 && out.cut == 0, err
}

// shorter keeps a failure if it is easier to read than what there was.
func (v *revisit) shorter(r *Report) {
	if v.tries++; v.tries > maxShrinkFound || v.out.steps > maxShrinkSteps {
		v.halt = true
		return
	}
	if r.Kind != v.limits.want {
		return
	}
	w, best := v.witnessOf(v.x, r), v.out.weak
	easier := w.compare(best) < 0
	if !easier && !best.doubtful() {
		return
	}
	w.overtaking, w.early = v.overtakes(v.x)
	switch certain := best.doubtful() && !w.doubtful(); {
	case w.doubtful() && !best.doubtful():
		best.chosen = true
	case certain || easier:
		w.chosen = best.chosen || certain && !easier
		v.out.fail, v.out.weak = w.report, w
	}
}

// A strictness is how much of what the simulator does not know for certain is taken for a dependency.
type strictness uint8

const (
	lax          strictness = iota
	strictStores            // every store of a task depends on all its earlier reads
	strictAll               // and so does the address of every read of an object
	utmost                  // every step depends on all earlier reads in all ways: no policy has more
)

// overtakes reports whether an execution takes a store that overtakes an earlier read of its own task: with every read before
// every later store of its task, the model would forbid it. If not, early reports whether it takes a read that does so. If
// dependencies are carried, those that the tries show are asked instead: they should have been carried.
func (a *axiomatic) overtakes(x *memorder.Execution) (overtaking, early bool) {
	if a.strict == utmost { // it was judged so
		return false, false
	}
	if a.forbids(x, strictStores) {
		return true, false
	}
	return false, a.forbids(x, strictAll)
}

// forbids reports whether the model would forbid an execution with more dependencies.
func (a *axiomatic) forbids(x *memorder.Execution, by strictness) bool {
	strict, was := x.Clone(), a.strict
	a.strict = by
	defer func() { a.strict = was }()
	for i, h := range a.chosen {
		s := a.history(&walker{a: a, p: h.p, path: h.steps, sections: h.sections}, h.end, h.report)
		if s == nil {
			return false
		}
		strict = strict.WithThread(i, s.thread)
	}
	return strict.Check() != memorder.Allowed
}

// doubtful reports whether the execution rests on something that the simulator does not know for certain.
func (w *witness) doubtful() bool { return w.overtaking || w.early }

// compare orders witnesses by how hard they are to read.
func (w *witness) compare(o *witness) int {
	return cmp.Or(cmp.Compare(w.weak, o.weak), cmp.Compare(w.switches(), o.switches()), cmp.Compare(len(w.trail), len(o.trail)),
		slices.Compare(w.path, o.path))
}

// switches counts how often the task changes.
func (w *witness) switches() (n int) {
	for i := range w.trail {
		if i == 0 || w.trail[i].task() != w.trail[i-1].task() {
			n++
		}
	}
	return n
}
