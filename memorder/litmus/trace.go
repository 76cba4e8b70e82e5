package litmus

import (
	"context"
	"fmt"
	"math/bits"
	"slices"

	"github.com/mmvet/mmvet/memorder"
)

// trace is one path through a thread: its events with the values they read and wrote, and the registers at the end.
type trace struct {
	thread *memorder.Thread
	regs   []int64
	needs  []need
	gives  []int    // pairs written
	packed []uint64 // the observed registers, as part of a state
}

// need is a pair that the trace must read.
type need struct {
	pair   int
	atomic bool // by a successful atomic: no other atomic may read the same write
}

// pair is a location and a value; pairs are numbered so that the search can count in arrays.
type pair struct {
	loc   int
	value int64
}

// maxTraces bounds the paths of one thread. A test that exceeds it has loops or domains that no enumeration can finish.
const maxTraces = 1 << 20

// traces enumerates the paths of every thread. The domain of a location is every value that some path writes there; it grows
// from the initial values to the least fixpoint, which atomics would push on for ever: a value takes at least one store
// each step, so rounds beyond the number of stores add nothing real.
type traces struct {
	test    *Test
	opts    *Options
	domains [][][]int64     // by thread and location: what others can write there, and the initial value
	byTest  [][]*trace      // by thread
	reads   [][]bool        // by thread and location: some path reads it
	stores  [][]int         // by thread and location: the most stores of any path
	steps   []map[int64]int // by location: the fewest stores there that a value takes
	count   []int           // by location, for one path
	runs    []run           // by thread, kept for their memory
	cut     bool            // some path hit the loop bound
	failure error
}

func newTraces(t *Test, opts *Options) *traces {
	ts := &traces{test: t, opts: opts}
	for range t.threads {
		d := make([][]int64, len(t.locations))
		for l := range d {
			d[l] = t.init[l : l+1 : l+1]
		}
		ts.domains = append(ts.domains, d)
	}
	ts.byTest = make([][]*trace, len(t.threads))
	ts.reads = make([][]bool, len(t.threads))
	ts.stores = make([][]int, len(t.threads))
	ts.steps = make([]map[int64]int, len(t.locations))
	ts.count = make([]int, len(t.locations))
	for l := range ts.steps {
		ts.steps[l] = map[int64]int{}
	}
	ts.runs = make([]run, len(t.threads))
	for i := range t.threads {
		ts.reads[i] = make([]bool, len(t.locations))
		ts.runs[i] = run{test: t, code: t.threads[i], unroll: opts.unroll(), reads: ts.reads[i]}
		ts.stores[i] = make([]int, len(t.locations))
	}
	return ts
}

// seed adds values from nowhere to the domains that need them, or to all, and reports whether there were any.
func (ts *traces) seed() bool {
	var locs []int
	switch {
	case ts.opts.ThinAir > 0:
		for l := range ts.test.locations {
			locs = append(locs, l)
		}
	case ts.opts.ThinAir == 0:
		locs = ts.test.thinAirLocations()
	}
	if len(locs) == 0 {
		return false
	}
	seeds := ts.test.seeds()
	for _, d := range ts.domains {
		for _, l := range locs {
			grow(&d[l], seeds)
		}
	}
	return true
}

// build runs every thread until no domain grows.
func (ts *traces) build(ctx context.Context) error {
	stale := make([]bool, len(ts.domains)) // threads whose reads have something new to return
	for i := range stale {
		stale[i] = true
	}
	for round := 0; ; round++ {
		found := make([][][]int64, len(ts.domains))
		for i := range ts.test.threads {
			found[i] = make([][]int64, len(ts.test.locations))
			if stale[i] {
				if err := ts.walk(ctx, i, found[i]); err != nil {
					return err
				}
			}
		}
		total := ts.totals()
		for l, n := range total[:len(total)-1] {
			if n > memorder.MaxWrites {
				return fmt.Errorf("%s: more than %d writes to %s; shorten the test or lower the loop bound with -unroll",
					ts.test.File, memorder.MaxWrites, ts.test.locations[l])
			}
		}
		if round > total[len(total)-1] || !ts.spread(found, stale, total) {
			return nil
		}
	}
}

// spread adds what each thread was found to write to the domains of the others. It sets stale and reports whether any is.
func (ts *traces) spread(found [][][]int64, stale []bool, total []int) bool {
	for _, byLoc := range found {
		for l := range byLoc {
			byLoc[l] = slices.DeleteFunc(byLoc[l], func(v int64) bool { return ts.steps[l][v] > total[l] })
		}
	}
	again := false
	for i := range stale {
		stale[i] = false
		for j, byLoc := range found {
			if i == j {
				continue
			}
			for l, values := range byLoc {
				if len(values) > 0 && grow(&ts.domains[i][l], values) && ts.reads[i][l] {
					stale[i], again = true, true
				}
			}
		}
	}
	return again
}

// totals is, by location, the most stores of all threads together, and at the end their sum.
func (ts *traces) totals() []int {
	total := make([]int, len(ts.test.locations)+1)
	for _, byLoc := range ts.stores {
		for l, n := range byLoc {
			total[l] += n
			total[len(total)-1] += n
		}
	}
	return total
}

// grow adds values to a sorted domain and reports whether any was new.
func grow(domain *[]int64, values []int64) bool {
	d := *domain
	n := len(d)
	for _, v := range values {
		if !slices.Contains(d, v) {
			d = append(slices.Clip(d), v)
		}
	}
	if len(d) > n {
		slices.Sort(d)
		*domain = d
	}
	return len(d) > n
}

// walk runs one thread along all its paths. found collects what it writes; a path that dies contributes too, for what it
// did before may be what others need to read.
func (ts *traces) walk(ctx context.Context, i int, found [][]int64) error {
	r := &ts.runs[i]
	r.tape, r.domains = r.tape[:0], ts.domains[i]
	list := ts.byTest[i][:0]
	for paths := 0; ; paths++ {
		r.start()
		r.block(r.code.body, 0)
		if r.err != nil {
			return fmt.Errorf("%s: P%d: %w", ts.test.File, i, r.err)
		}
		ts.harvest(i, &r.thread, found)
		ts.cut = ts.cut || r.cut
		if !r.dead && !r.thread.Deadlocks() {
			tr := &trace{thread: r.thread.Clone(), regs: make([]int64, len(r.regs))}
			for k, v := range r.regs {
				tr.regs[k] = v.v
			}
			list = append(list, tr)
		}
		if !r.advance() {
			break
		}
		if len(list) > maxTraces {
			return fmt.Errorf("%s: P%d has more than %d paths; lower the loop bound with -unroll", ts.test.File, i, maxTraces)
		}
		if paths&1023 == 1023 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	ts.byTest[i] = list
	return nil
}

// harvest notes what a path writes. Where a value comes out of older values of the same location, as with atomics, each
// step takes a store of its own, so a value that takes more steps than there are stores cannot occur.
func (ts *traces) harvest(i int, t *memorder.Thread, found [][]int64) {
	clear(ts.count)
	for k := range t.Accesses() {
		e := t.Access(k)
		if e.Writes() && e.Kind != memorder.Unlock {
			ts.count[e.Loc]++
		}
		if e.Kind != memorder.Write {
			continue
		}
		steps := 1
		for d := e.Data; d != 0; d &= d - 1 {
			if p := t.Access(bits.TrailingZeros64(d)); p.Loc == e.Loc {
				steps = max(steps, ts.steps[e.Loc][int64(p.Value)]+1)
			}
		}
		v := int64(e.Value)
		if !slices.Contains(found[e.Loc], v) {
			found[e.Loc] = append(found[e.Loc], v)
		}
		if old, ok := ts.steps[e.Loc][v]; (!ok || steps < old) && v != ts.test.init[e.Loc] {
			ts.steps[e.Loc][v] = steps
		}
	}
	for l, n := range ts.count {
		ts.stores[i][l] = max(ts.stores[i][l], n)
	}
}

// hasPlain reports whether some path has a plain access: only then can there be a race.
func (ts *traces) hasPlain() bool {
	for _, list := range ts.byTest {
		for _, tr := range list {
			for i := range tr.thread.Accesses() {
				if e := tr.thread.Access(i); e.Kind <= memorder.Write && e.Tag == memorder.Plain && e.Half == memorder.NoRMW {
					return true
				}
			}
		}
	}
	return false
}
