package explore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
	"pgregory.net/rapid"
)

// takers makes a scenario of one lock from what its tasks do in turn: "r" and "w" take it, "d" takes it for writing and
// downgrades.
func takers(tasks ...string) func(*Kernel) {
	return func(k *Kernel) {
		o := New[pair](k, "pair")
		for i, task := range tasks {
			k.Go(fmt.Sprintf("%s%d", task, i), func() {
				for _, how := range task {
					switch how {
					case 'r':
						DownRead(&o.Sem)
						UpRead(&o.Sem)
					case 'w':
						DownWrite(&o.Sem)
						UpWrite(&o.Sem)
					case 'd':
						DownWrite(&o.Sem)
						DowngradeWrite(&o.Sem)
						UpRead(&o.Sem)
					}
				}
			})
		}
	}
}

// placements counts, by trying all orders of the sections, in how many ways the lock can be taken if readers commute: the
// order of writers, and for each reader how many of them came before.
func placements(tasks ...string) int {
	found := map[string]bool{}
	var place func(left []string, writers string, readers []string)
	place = func(left []string, writers string, readers []string) {
		done := true
		for i, task := range left {
			if task == "" {
				continue
			}
			done = false
			next := slices.Clone(left)
			next[i] = task[1:]
			if task[0] == 'r' {
				place(next, writers, append(slices.Clone(readers), fmt.Sprintf("%d.%d after %s", i, len(task), writers)))
			} else {
				place(next, fmt.Sprintf("%s %d.%d", writers, i, len(task)), readers)
			}
		}
		if done {
			slices.Sort(readers)
			found[writers+": "+strings.Join(readers, ", ")] = true
		}
	}
	place(tasks, "", nil)
	return len(found)
}

// TestSemPlacements: both engines explore w! * (w+1)^r executions for r readers and w writers, and what the definition says for other tasks.
func TestSemPlacements(t *testing.T) {
	power := func(n, to int) int {
		p := 1
		for range to {
			p *= n
		}
		return p
	}
	formula := map[string]int{}
	all := [][]string{{"rr", "w"}, {"rrr", "ww"}, {"rw", "wr"}, {"rwr", "rw", "r"}, {"d", "r"}, {"d", "r", "r"}, {"d", "w", "r"}, {"dr", "rw", "d"}}
	for r := 0; r <= 5; r++ {
		for w := 0; w <= 3 && r+w <= 6; w++ {
			if r+w == 0 {
				continue
			}
			tasks := append(slices.Repeat([]string{"r"}, r), slices.Repeat([]string{"w"}, w)...)
			all = append(all, tasks)
			formula[fmt.Sprint(tasks)] = []int{1, 1, 2, 6}[w] * power(w+1, r)
		}
	}
	for _, tasks := range all {
		want := placements(tasks...)
		if n, ok := formula[fmt.Sprint(tasks)]; ok && n != want {
			t.Errorf("%v: formula %d, by trying %d", tasks, n, want)
		}
		for _, e := range []engine{&revisit{}, &axiomatic{}} {
			c := takeCensus(t, mustForest(t, takers(tasks...)), e, 0)
			if c.out.complete != want || len(c.keys) != want {
				t.Errorf("%v, %s: %d executions, %d different ones, want %d", tasks, e.name(FromTries), c.out.complete, len(c.keys), want)
			}
		}
	}
}

// outcomes explores a scenario and returns the states that it can end in: where tasks are, what memory holds, and what
// fails. whole has readers ordered by a counter.
func outcomes(t fataler, f *forest, e engine, whole bool) (ends, fails map[string]bool, bounded bool) {
	t.Helper()
	for _, s := range f.sems {
		if whole {
			f.makeWhole(s.key)
		}
	}
	ends, fails = map[string]bool{}, map[string]bool{}
	out := &outcome{failing: func(r *Report) { fails[string(r.Kind)] = true }}
	out.final = func(s *state) {
		var b strings.Builder
		for _, n := range s.at {
			if n != nil {
				fmt.Fprint(&b, n.id, " ")
			}
		}
		for _, l := range f.m.Locs() {
			if _, other := f.base[int32(l.ID)]; !other {
				fmt.Fprint(&b, f.values[s.get(int32(l.ID))], " ")
			}
		}
		ends[b.String()] = true
	}
	limits := defaultLimits()
	limits.want = "none: go on after every failure"
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if a, ok := e.(*axiomatic); ok {
		a.effort, a.giveUp = enumerationEffort/10, cancel
	}
	if err := e.explore(ctx, f, limits, out); err != nil {
		t.Fatal(err)
	}
	return ends, fails, len(out.bounds) > 0
}

// TestSemLosesNothing: readers that commute can end in every state in which readers that are ordered by a counter can, and in
// every one that interleavings can, deadlocks included.
func TestSemLosesNothing(t *testing.T) {
	more, same := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		setup := semProgram(t, 3)
		f := mustForest(t, setup)
		free, freeFails, bounded := outcomes(t, f, &revisit{}, false)
		sc, scFails, _ := outcomes(t, f, &dpor{}, false)
		counted, countedFails, _ := outcomes(t, f, &revisit{}, true)
		if bounded || len(f.whole) == 0 {
			return
		}
		for _, c := range []struct {
			by          string
			ends, fails map[string]bool
		}{{"a counter", counted, countedFails}, {"interleavings", sc, scFails}} {
			for end := range c.ends {
				if !free[end] {
					t.Fatalf("by %s, lost: %s\nof %v", c.by, end, slices.Sorted(maps.Keys(free)))
				}
			}
			if !maps.Equal(c.fails, freeFails) {
				t.Fatalf("fails %v, by %s %v", freeFails, c.by, c.fails)
			}
		}
		if len(free) > len(counted) {
			more++
		} else {
			same++
		}
	})
	t.Logf("%d with more outcomes than a counter has, %d with as many", more, same)
}

// relies is a scenario that is right only if readers are ordered among themselves: that a reader which knows by a control
// dependency that another one has left must see what that one did.
func relies(k *Kernel) {
	o := New[pair](k, "pair")
	k.Go("first", func() {
		DownRead(&o.Sem)
		WriteOnce(&o.X, 1)
		UpRead(&o.Sem)
		SmpWmb()
		WriteOnce(&o.Y, 1)
	})
	k.Go("second", func() {
		if ReadOnce(&o.Y) == 1 {
			DownRead(&o.Sem)
			BugOn(ReadOnce(&o.X) == 0)
			UpRead(&o.Sem)
		}
	})
}

// TestSemReadersUnordered: LKMM promises no order of readers, so who relies on one has a bug; the counter of the kernel's
// implementation hides it.
func TestSemReadersUnordered(t *testing.T) {
	for _, e := range []engine{&revisit{}, &axiomatic{}, &sampling{seed: 1}} {
		f := mustForest(t, relies)
		out := &outcome{}
		limits := defaultLimits()
		if err := e.explore(context.Background(), f, limits, out); err != nil {
			t.Fatal(err)
		}
		if out.fail == nil || out.fail.Kind != "bug" {
			t.Errorf("%s: %v, want a bug", e.name(FromTries), out.fail)
		}
	}
	if _, fails, _ := outcomes(t, mustForest(t, relies), &revisit{}, true); len(fails) > 0 {
		t.Errorf("by a counter it fails, too: %v", fails)
	}
}

// guarded is data that a lock with readers guards: a section of a reader before and after one of a writer.
func guarded(k *Kernel) {
	o := New[pair](k, "pair")
	k.Go("reader", func() {
		DownRead(&o.Sem)
		o.X.Get()
		UpRead(&o.Sem)
	})
	k.Go("writer", func() {
		DownWrite(&o.Sem)
		o.X.Set(1)
		UpWrite(&o.Sem)
	})
	k.Go("next", func() {
		DownWrite(&o.Sem)
		o.X.Set(o.X.Get() + 1)
		DowngradeWrite(&o.Sem)
		BugOn(o.X.Get() == 0)
		UpRead(&o.Sem)
	})
}

// TestSemOrders: each ordering of a lock with readers is needed, also the acquire by which a writer sees that readers are gone.
func TestSemOrders(t *testing.T) {
	weaken := func(prim string) func(*forest) {
		return func(f *forest) {
			f.change = &change{alter: func(o *machine.Op) { o.Tag = memorder.Once }, hits: func(o *machine.Op) bool { return o.Prim == prim }}
		}
	}
	for _, test := range []struct {
		name  string
		apply func(*forest)
		want  Kind
	}{
		{"all", func(*forest) {}, ""},
		{"without the acquire of readers' ends", func(f *forest) {
			for _, s := range f.sems {
				s.blind = true
			}
		}, DataRace},
		{"without down_read's acquire", weaken("down_read"), DataRace},
		{"without up_read's release", weaken("up_read"), DataRace},
		{"without down_write's acquire", weaken("down_write"), DataRace},
		{"without up_write's release", weaken("up_write"), DataRace},
		{"without downgrade_write's release", weaken("downgrade_write"), DataRace},
	} {
		for _, e := range []engine{&revisit{}, &axiomatic{}} {
			t.Run(test.name+"/"+e.name(FromTries), func(t *testing.T) {
				f := mustForest(t, guarded)
				test.apply(f)
				if err := f.replant(); err != nil {
					t.Fatal(err)
				}
				out := &outcome{}
				if err := e.explore(context.Background(), f, defaultLimits(), out); err != nil {
					t.Fatal(err)
				}
				got := Kind("")
				if out.fail != nil {
					got = out.fail.Kind
				}
				if got != test.want {
					t.Errorf("%q, want %q: %v", got, test.want, out.fail)
				}
			})
		}
	}
}
