package explore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"

	. "github.com/mmvet/mmvet/kernelshim"
)

// weakly explores a scenario under LKMM, past all failures. It returns the outcomes: what the loads of each task returned,
// and what the words hold in the end.
func weakly(t testing.TB, setup func(*Kernel)) (out *outcome, outcomes, fails map[string]bool) {
	t.Helper()
	m, err := Boot(setup)
	if err != nil {
		t.Fatal(err)
	}
	f, err := newForest(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	outcomes, fails = map[string]bool{}, map[string]bool{}
	a := &axiomatic{}
	a.witness = func(x *memorder.Execution, chosen []*history) {
		var parts []string
		for _, h := range chosen {
			for i := range h.steps {
				if s := &h.steps[i]; s.n.code == machine.Load {
					parts = append(parts, fmt.Sprint(f.values[s.ret]))
				}
			}
		}
		var finals []string
		for loc, l := range m.Locs() {
			if v, ok := f.values[a.final(x, int32(loc))].(int); ok {
				finals = append(finals, fmt.Sprintf("%s=%d", l, v))
			}
		}
		slices.Sort(finals)
		outcomes[strings.Join(append(parts, finals...), " ")] = true
	}
	out = &outcome{failing: func(r *Report) { fails[string(r.Kind)] = true }}
	limits := defaultLimits()
	limits.want = "none: go on after every failure"
	if err := a.explore(context.Background(), f, limits, out); err != nil {
		t.Fatal(err)
	}
	if len(out.bounds) > 0 {
		t.Fatal(out.bounds)
	}
	return out, outcomes, fails
}

type weakShape struct {
	name       string
	executions int    // that LKMM allows
	outcome    string // the one that the shape is about
	allowed    bool
	tasks      func(x, y *Word[int]) []func()
}

func tasksOf(fs ...func()) []func() { return fs }

var weakShapes = []weakShape{
	{"SB", 4, "0 0 x=1 y=1", true, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1); ReadOnce(y) }, func() { WriteOnce(y, 1); ReadOnce(x) })
	}},
	{"SB+mbs", 3, "0 0 x=1 y=1", false, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1); SmpMb(); ReadOnce(y) }, func() { WriteOnce(y, 1); SmpMb(); ReadOnce(x) })
	}},
	{"MP", 4, "1 0 x=1 y=1", true, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1); WriteOnce(y, 1) }, func() { ReadOnce(y); ReadOnce(x) })
	}},
	{"MP+release", 4, "1 0 x=1 y=1", true, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1); SmpStoreRelease(y, 1) }, func() { ReadOnce(y); ReadOnce(x) })
	}},
	{"MP+release+acquire", 3, "1 0 x=1 y=1", false, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1); SmpStoreRelease(y, 1) }, func() { SmpLoadAcquire(y); ReadOnce(x) })
	}},
	{"MP+wmb+rmb", 3, "1 0 x=1 y=1", false, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1); SmpWmb(); WriteOnce(y, 1) }, func() { ReadOnce(y); SmpRmb(); ReadOnce(x) })
	}},
	{"LB", 4, "1 1 x=1 y=1", true, func(x, y *Word[int]) []func() {
		return tasksOf(func() { ReadOnce(x); WriteOnce(y, 1) }, func() { ReadOnce(y); WriteOnce(x, 1) })
	}},
	{"LB+datas", 4, "1 1 x=1 y=1", false, func(x, y *Word[int]) []func() { // no thin air: only 0, from four pairs of sources
		return tasksOf(func() { WriteOnce(y, ReadOnce(x)) }, func() { WriteOnce(x, ReadOnce(y)) })
	}},
	{"LB+data+po", 4, "1 1 x=1 y=1", true, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(y, ReadOnce(x)) }, func() { ReadOnce(y); WriteOnce(x, 1) })
	}},
	{"LB+data+ctrl", 2, "1 2 x=0 y=1", false, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(y, ReadOnce(x)+1) }, func() {
			if ReadOnce(y) == 2 {
				WriteOnce(x, 1)
			}
		})
	}},
	{"LB+po+mb", 3, "1 1 x=1 y=1", false, func(x, y *Word[int]) []func() {
		return tasksOf(func() { ReadOnce(x); SmpMb(); WriteOnce(y, 1) }, func() { ReadOnce(y); SmpMb(); WriteOnce(x, 1) })
	}},
	{"IRIW", 16, "1 0 1 0 x=1 y=1", true, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1) }, func() { WriteOnce(y, 1) },
			func() { ReadOnce(x); ReadOnce(y) }, func() { ReadOnce(y); ReadOnce(x) })
	}},
	{"IRIW+mbs", 15, "1 0 1 0 x=1 y=1", false, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1) }, func() { WriteOnce(y, 1) },
			func() { ReadOnce(x); SmpMb(); ReadOnce(y) }, func() { ReadOnce(y); SmpMb(); ReadOnce(x) })
	}},
	{"IRIW+acquires", 16, "1 0 1 0 x=1 y=1", true, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1) }, func() { WriteOnce(y, 1) },
			func() { SmpLoadAcquire(x); ReadOnce(y) }, func() { SmpLoadAcquire(y); ReadOnce(x) })
	}},
	{"WRC", 8, "1 1 0 x=1 y=1", true, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1) }, func() { ReadOnce(x); WriteOnce(y, 1) }, func() { ReadOnce(y); ReadOnce(x) })
	}},
	{"WRC+release+rmb", 7, "1 1 0 x=1 y=1", false, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1) }, func() { ReadOnce(x); SmpStoreRelease(y, 1) },
			func() { ReadOnce(y); SmpRmb(); ReadOnce(x) })
	}},
	{"R", 4, "0 x=1 y=2", true, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1); WriteOnce(y, 1) }, func() { WriteOnce(y, 2); ReadOnce(x) })
	}},
	{"R+mbs", 3, "0 x=1 y=2", false, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1); SmpMb(); WriteOnce(y, 1) }, func() { WriteOnce(y, 2); SmpMb(); ReadOnce(x) })
	}},
	{"S", 4, "1 x=2 y=1", true, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 2); WriteOnce(y, 1) }, func() { ReadOnce(y); WriteOnce(x, 1) })
	}},
	{"S+wmb+acquire", 3, "1 x=2 y=1", false, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 2); SmpWmb(); WriteOnce(y, 1) }, func() { SmpLoadAcquire(y); WriteOnce(x, 1) })
	}},
	{"2+2W", 4, "x=1 y=1", true, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1); WriteOnce(y, 2) }, func() { WriteOnce(y, 1); WriteOnce(x, 2) })
	}},
	{"2+2W+wmbs", 4, "x=1 y=1", true, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1); SmpWmb(); WriteOnce(y, 2) }, func() { WriteOnce(y, 1); SmpWmb(); WriteOnce(x, 2) })
	}},
	{"2+2W+mbs", 3, "x=1 y=1", false, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1); SmpMb(); WriteOnce(y, 2) }, func() { WriteOnce(y, 1); SmpMb(); WriteOnce(x, 2) })
	}},
	{"CoRR", 3, "1 0 x=1 y=0", false, func(x, _ *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1) }, func() { ReadOnce(x); ReadOnce(x) })
	}},
	{"RCU MP", 3, "1 0 x=1 y=1", false, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1); SynchronizeRcu(); WriteOnce(y, 1) },
			func() { RcuReadLock(); ReadOnce(y); ReadOnce(x); RcuReadUnlock() })
	}},
	{"irqs off as RCU MP", 3, "1 0 x=1 y=1", false, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1); SynchronizeRcu(); WriteOnce(y, 1) },
			func() { LocalIrqDisable(); ReadOnce(y); ReadOnce(x); LocalIrqEnable() })
	}},
	{"RCU MP without a section", 4, "1 0 x=1 y=1", true, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1); SynchronizeRcu(); WriteOnce(y, 1) }, func() { ReadOnce(y); ReadOnce(x) })
	}},
	{"call_rcu MP", 3, "1 0 x=1 y=1", false, func(x, y *Word[int]) []func() {
		return tasksOf(func() { WriteOnce(x, 1); CallRcu("cb", func() { WriteOnce(y, 1) }) },
			func() { RcuReadLock(); ReadOnce(y); ReadOnce(x); RcuReadUnlock() })
	}},
}

func TestWeakShapes(t *testing.T) {
	for _, sh := range weakShapes {
		t.Run(sh.name, func(t *testing.T) {
			out, outcomes, fails := weakly(t, func(k *Kernel) {
				x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
				for i, f := range sh.tasks(x, y) {
					k.Go(fmt.Sprint("P", i), f)
				}
			})
			if out.complete != sh.executions || outcomes[sh.outcome] != sh.allowed || len(fails) > 0 {
				t.Errorf("%d executions, want %d; %q allowed: %v, want %v; failures %v; outcomes %v", out.complete, sh.executions,
					sh.outcome, outcomes[sh.outcome], sh.allowed, fails, outcomes)
			}
		})
	}
}
