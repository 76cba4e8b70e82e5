package explore

import "context"

// What tasks may do besides what was met so far tells which steps depend on which reads. To find out may cost more than the
// exploration, so revisits begin without: each step is taken to depend on all reads before it. What the model allows even so it
// allows in any case. learn is put off until an answer hangs on it.

// presume has the engine take more dependencies than there are, until it learns which.
func (a *axiomatic) presume() {
	a.strict = utmost
	if a.f.known != nil {
		a.learn()
	}
}

// learn finds out what tasks may do: which locations others use, and what depends on what. If there is too much, others are
// taken to use everything, and dependencies are those that were met.
func (a *axiomatic) learn() {
	if a.strict != utmost || a.err != nil {
		return
	}
	a.strict = lax
	if k := a.f.known; k != nil {
		a.domains, a.freedBy, a.stolen, a.unknown = k.domains, k.freedBy, k.stolen, k.unknown
		return
	}
	wholes, bounds := len(a.f.whole), a.out.bounds
	a.patience, a.runs = maxLearnt, a.f.replays+maxLearntRuns
	a.fixpoint()
	a.unknown, a.cut = a.cut, false
	a.out.bounds = bounds // of what tasks do alone: an execution tells if it is too long
	if len(a.f.whole) == wholes {
		a.f.known = a
	}
}

// To learn takes a tenth of a second for most scenarios, and no more than some seconds.
const (
	maxLearnt     = 1 << 12 // steps of a task's histories that are walked in a round
	maxLearntRuns = 1 << 15 // of native code, in all rounds
)

// nameRace has the report of a data race name the first by the dependencies that there are, whatever was learnt when it was met.
func (d *drawer) nameRace() {
	if d.strict != utmost {
		return
	}
	if d.relearn(); d.x.Permitted(true) && d.x.Races() {
		d.a.chosen = d.chosen
		*d.r = *raceReport(d.a, d.x)
	}
}

// relearn gives a drawn execution the dependencies that there are, if it was judged with more: who asks why a read did not see a
// store is not to be told of others. The exploration may be over.
func (d *drawer) relearn() {
	if d.strict != utmost {
		return
	}
	a := d.a
	ctx, halt := a.ctx, a.halt
	a.ctx, a.halt = context.Background(), false
	a.learn()
	a.ctx, a.halt = ctx, halt
	for i, h := range d.chosen {
		if h = a.history(&walker{a: a, p: h.p, path: h.steps, sections: h.sections}, h.end, h.report); h != nil {
			d.chosen[i], d.x = h, d.x.WithThread(i, h.thread)
		}
	}
	d.strict = a.strict
}
