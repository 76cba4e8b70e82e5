package explore

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// A crew explores the subtrees of one tree of graphs, a worker on each processor. The first worker began alone and hired the others,
// to whom it leaves what it has not come to. Each has a forest of its own: all that they share is the list of subtrees, as paths
// of alternatives. What they find does not depend on who works on what: of several failures the one counts that a single worker
// would have met first.
type crew struct {
	others []*revisit
	gone   sync.WaitGroup

	mu     sync.Mutex
	wake   sync.Cond
	jobs   [][]uint16
	idle   int
	closed atomic.Bool // there will be no jobs; set under mu
	err    error       // of a worker who did not begin

	_        [64]byte                 // hungry is read at every alternative
	hungry   atomic.Int32             // workers without a job
	best     atomic.Pointer[[]uint16] // of the first failure that is wanted
	_        [64]byte
	complete atomic.Int64
}

// The sharing of work.
const (
	aloneFor  = 1 << 16 // steps that one worker takes before it hires others: some hundredths of a second
	shallow   = 16      // alternatives into a subtree at which a worker gives parts of it away
	tellAfter = 16      // executions: counting them one by one has all wait for the same cache line
)

// hire adds workers. Each makes what it works with itself, so that no two write to the same cache lines.
func (v *revisit) hire(workers int) {
	v.mayShare = false
	c := &crew{others: make([]*revisit, workers)}
	c.wake.L = &c.mu
	c.complete.Store(int64(v.out.complete))
	again, wholes := v.f.again, v.f.wholes()
	v.crew = c
	for i := range c.others {
		c.gone.Go(func() {
			f, err := again()
			if err != nil {
				c.fail(err)
				return
			}
			f.adoptWhole(wholes)
			w := &revisit{}
			w.begin(v.ctx, f, v.limits, &outcome{})
			w.crew, c.others[i] = c, w
			c.work(w)
		})
	}
}

// finish has the first worker, which has come to its end, take what jobs are left, and waits for the others.
func (c *crew) finish(v *revisit) {
	v.tell()
	if v.over() {
		c.close()
	} else {
		c.work(v)
	}
	c.gone.Wait()
}

// gather adds what the others have found.
func (v *revisit) gather() {
	if v.err == nil {
		v.err = v.crew.err
	}
	for _, w := range v.crew.others {
		if w == nil {
			continue // it never began
		}
		w.keepRace()
		v.out.add(w.out, v.limits.want)
		v.f.adopt(w.f.finds)
		if v.err == nil {
			v.err = w.err
		}
		v.f.adoptWhole(w.f.wholes())
	}
}

// covered is what was covered so far, by all.
func (v *revisit) covered() *outcome {
	if v.crew == nil {
		return v.out
	}
	now := *v.out
	now.complete = int(v.crew.complete.Load())
	return &now
}

// tell adds what the worker has counted to what all have.
func (v *revisit) tell() {
	v.crew.complete.Add(int64(v.untold))
	v.untold = 0
}

// work takes jobs until there are none.
func (c *crew) work(w *revisit) {
	for path, ok := c.get(); ok; path, ok = c.get() {
		w.halt = c.beaten(path)
		if !w.halt {
			w.subtree(path)
			w.tell()
		}
		if w.over() {
			c.close()
			return
		}
	}
}

// over reports whether nobody is to go on.
func (v *revisit) over() bool {
	return v.err != nil || v.ctx.Err() != nil || v.wholes != len(v.f.whole) || slices.Contains(v.out.bounds, BoundExecutions)
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
	for len(c.jobs) == 0 && !c.closed.Load() {
		if c.idle == len(c.others)+1 {
			c.closed.Store(true)
			c.wake.Broadcast()
			break
		}
		c.wake.Wait()
	}
	if c.closed.Load() {
		return nil, false
	}
	c.idle--
	c.hungry.Add(-1)
	path := c.jobs[0]
	c.jobs = c.jobs[1:]
	return path, true
}

// fail ends the exploration for all.
func (c *crew) fail(err error) {
	c.mu.Lock()
	c.err = err
	c.mu.Unlock()
	c.close()
}

func (c *crew) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed.Store(true)
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
