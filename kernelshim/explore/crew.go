package explore

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// A crew explores the subtrees of one tree of graphs, a worker on each processor. Each worker has a forest of its own: all
// that they share is the list of subtrees, as paths of alternatives. What they find does not depend on who works on what:
// of several failures the one counts that a single worker would have met first.
type crew struct {
	mu     sync.Mutex
	wake   sync.Cond
	jobs   [][]uint16
	idle   int
	size   int
	closed bool
	err    error

	hungry   atomic.Int32 // workers without a job
	complete atomic.Int64
	best     atomic.Pointer[[]uint16] // of the first failure that is wanted
}

// The sharing of work.
const (
	aloneFor = 1_000_000 // steps that one worker takes before it starts anew with others: some tenths of a second
	shallow  = 16        // alternatives into a subtree at which a worker gives parts of it away
)

// together starts anew with a crew.
func (v *revisit) together() {
	v.tooMuch, v.mayShare, v.halt = false, false, false
	c := &crew{size: runtime.GOMAXPROCS(0)}
	c.wake.L = &c.mu
	whole := v.out
	*whole = outcome{progress: whole.progress, curious: whole.curious, whole: whole.whole}
	found := make([]*revisit, c.size)
	var all sync.WaitGroup
	for i := range found {
		w := &revisit{}
		if i == 0 {
			w.begin(v.ctx, v.f, v.limits, &outcome{})
			c.put(nil)
		} else {
			f, err := v.f.again()
			if err != nil {
				v.err = err
				return
			}
			f.adoptWhole(v.f.wholes())
			w.begin(v.ctx, f, v.limits, &outcome{})
		}
		found[i], w.crew = w, c
	}
	found[0].out.progress = func(*outcome) { c.report(whole) }
	for _, w := range found {
		all.Go(func() { c.work(w) })
	}
	all.Wait()
	for _, w := range found {
		w.keepRace()
		whole.add(w.out, v.limits.want)
		v.f.adopt(w.f.finds)
		if v.err == nil {
			v.err = w.err
		}
		v.f.adoptWhole(w.f.wholes())
	}
}

// report tells how far the crew is.
func (c *crew) report(whole *outcome) {
	if whole.progress != nil {
		now := *whole
		now.complete = int(c.complete.Load())
		whole.progress(&now)
	}
}

// work takes jobs until there are none.
func (c *crew) work(w *revisit) {
	for {
		path, ok := c.get()
		if !ok {
			return
		}
		w.halt = c.beaten(path)
		if !w.halt {
			w.subtree(path)
		}
		if w.err != nil || w.ctx.Err() != nil || w.wholes != len(w.f.whole) || len(w.out.bounds) > 0 && slices.Contains(w.out.bounds, BoundExecutions) {
			c.close()
			return
		}
	}
}

func (c *crew) put(path []uint16) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jobs = append(c.jobs, path)
	c.wake.Signal()
}

// get waits for a job; there will be none once everybody waits.
func (c *crew) get() ([]uint16, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle++
	c.hungry.Add(1)
	for len(c.jobs) == 0 && !c.closed {
		if c.idle == c.size {
			c.closed = true
			c.wake.Broadcast()
			break
		}
		c.wake.Wait()
	}
	if c.closed {
		return nil, false
	}
	c.idle--
	c.hungry.Add(-1)
	path := c.jobs[0]
	c.jobs = c.jobs[1:]
	return path, true
}

func (c *crew) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.wake.Broadcast()
}

// wants takes an alternative from a worker, to be somebody else's job.
func (c *crew) wants(w *revisit, alternative int) bool {
	if alternative == 0 || c.hungry.Load() == 0 || len(w.path) > len(w.forced)+shallow {
		return false
	}
	c.put(append(slices.Clone(w.path), uint16(alternative)))
	return true
}

// failed notes a failure that ends the exploration: what comes after it need not be explored.
func (c *crew) failed(path []uint16) {
	mine := slices.Clone(path)
	for {
		best := c.best.Load()
		if best != nil && slices.Compare(*best, mine) <= 0 || c.best.CompareAndSwap(best, &mine) {
			return
		}
	}
}

// beaten reports whether a failure comes before the path.
func (c *crew) beaten(path []uint16) bool {
	best := c.best.Load()
	return best != nil && slices.Compare(*best, path) < 0
}

// add adds what a worker found.
func (o *outcome) add(w *outcome, want Kind) {
	o.complete += w.complete
	o.redundant += w.redundant
	o.blocked += w.blocked
	o.cut += w.cut
	o.steps += w.steps
	o.events = max(o.events, w.events)
	for _, b := range w.bounds {
		o.bound(b)
	}
	if w.rule != nil && (o.rule == nil || slices.Compare(w.rule.path, o.rule.path) < 0) {
		o.rule = w.rule
	}
	if w.fail != nil && (o.fail == nil || w.weak.before(o.weak, want)) {
		o.fail, o.weak = w.fail, w.weak
	}
}

// before reports whether a failure counts more than another: it is wanted, or worse than a race, or it comes first.
func (w *witness) before(o *witness, want Kind) bool {
	rank := func(w *witness) int {
		switch {
		case w.report.Kind == want:
			return 0
		case w.report.Kind != DataRace:
			return 1
		}
		return 2
	}
	if rank(w) != rank(o) {
		return rank(w) < rank(o)
	}
	return slices.Compare(w.path, o.path) < 0
}

// adopt adds what another worker's monitor found, in an order that does not depend on who found what.
func (f *forest) adopt(finds []Report) {
	for _, r := range finds {
		if !slices.ContainsFunc(f.finds, func(o Report) bool { return o.Pos == r.Pos && o.Text == r.Text && o.Task == r.Task }) {
			f.finds = append(f.finds, r)
		}
	}
	slices.SortStableFunc(f.finds, func(a, b Report) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Text, b.Text),
			cmp.Compare(a.Task, b.Task))
	})
}
