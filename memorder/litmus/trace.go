package litmus

import (
	"context"
	"fmt"
	"slices"

	"github.com/mmvet/mmvet/memorder"
)

// trace is one path through a thread: its events with the values they read and wrote, and the registers at the end.
type trace struct {
	thread *memorder.Thread
	regs   []int64
	needs  []need
	gives  []int // pairs written
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
	domains [][]int64
	byTest  [][]*trace // by thread
	reads   [][]bool   // by thread and location: some path reads it
	stores  []int      // by thread: the most stores of any path
	cut     bool       // some path hit the loop bound
	failure error
}

func newTraces(t *Test, opts *Options) *traces {
	ts := &traces{test: t, opts: opts}
	ts.domains = make([][]int64, len(t.locations))
	for l := range ts.domains {
		ts.domains[l] = []int64{t.init[l]}
	}
	ts.byTest = make([][]*trace, len(t.threads))
	ts.reads = make([][]bool, len(t.threads))
	ts.stores = make([]int, len(t.threads))
	for i := range t.threads {
		ts.reads[i] = make([]bool, len(t.locations))
	}
	return ts
}

// seed adds values from nowhere to the domains that need them, and reports whether any did.
func (ts *traces) seed() bool {
	locs := ts.test.thinAirLocations()
	if len(locs) == 0 {
		return false
	}
	seeds := ts.test.seeds()
	for _, l := range locs {
		ts.grow(l, seeds)
	}
	return true
}

// build runs every thread until no domain grows.
func (ts *traces) build(ctx context.Context) error {
	grown := make([]bool, len(ts.domains))
	for l := range grown {
		grown[l] = true
	}
	for round := 0; ; round++ {
		found := make([][]int64, len(ts.domains))
		for i := range ts.test.threads {
			if round == 0 || ts.affected(i, grown) {
				if err := ts.walk(ctx, i, found); err != nil {
					return err
				}
			}
		}
		if total := sum(ts.stores); round > total {
			return nil
		}
		again := false
		for l, values := range found {
			grown[l] = ts.grow(l, values)
			again = again || grown[l]
		}
		if !again {
			return nil
		}
	}
}

func sum(list []int) int {
	total := 0
	for _, x := range list {
		total += x
	}
	return total
}

func (ts *traces) affected(thread int, grown []bool) bool {
	for l, g := range grown {
		if g && ts.reads[thread][l] {
			return true
		}
	}
	return false
}

func (ts *traces) grow(loc int, values []int64) bool {
	d := ts.domains[loc]
	n := len(d)
	for _, v := range values {
		if !slices.Contains(d[:n], v) && !slices.Contains(d[n:], v) {
			d = append(d, v)
		}
	}
	if len(d) == n {
		return false
	}
	d = slices.Clone(d)
	slices.Sort(d)
	ts.domains[loc] = d
	return true
}

// walk runs one thread along all its paths. found collects what it writes; a path that dies contributes too, for what it
// did before may be what others need to read.
func (ts *traces) walk(ctx context.Context, i int, found [][]int64) error {
	r := &run{test: ts.test, code: ts.test.threads[i], domains: ts.domains, unroll: ts.opts.unroll(), reads: ts.reads[i]}
	list := ts.byTest[i][:0]
	for paths := 0; ; paths++ {
		r.start()
		r.block(r.code.body, 0)
		if r.err != nil {
			return fmt.Errorf("%s: P%d: %w", ts.test.File, i, r.err)
		}
		ts.harvest(i, r.thread, found)
		ts.cut = ts.cut || r.cut
		if !r.dead && !r.thread.Deadlocks() {
			tr := &trace{thread: r.thread, regs: make([]int64, len(r.regs))}
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

func (ts *traces) harvest(i int, t *memorder.Thread, found [][]int64) {
	stores := 0
	for k := range t.Accesses() {
		e := t.Access(k)
		if e.Kind != memorder.Write {
			continue
		}
		stores++
		if v := int64(e.Value); !slices.Contains(found[e.Loc], v) {
			found[e.Loc] = append(found[e.Loc], v)
		}
	}
	ts.stores[i] = max(ts.stores[i], stores)
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
