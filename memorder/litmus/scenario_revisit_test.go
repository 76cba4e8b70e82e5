package litmus

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/memorder"
)

// TestScenariosRevisited runs the tests that a scenario can say in the simulator's engine for executions without load buffering,
// and compares its final states with those of the permitted executions in which program order and rf have no cycle: it loses
// none, and has more only where a syntactic dependency makes no difference (policy P2), which enumeration then has, too. Tests that wait for ever in some
// execution are left out (waiters), and so are those that a scenario cannot say (unplayed).
func TestScenariosRevisited(t *testing.T) {
	equal, more, buffering := 0, 0, 0
	for name, test := range playable(t) {
		states, buffers := test.withoutBuffering(t)
		if buffers {
			buffering++
		}
		got := finals{}
		r := explore.Run(name, test.scenario(dependencies{}, got.add), explore.WithMemoryModel(explore.LKMM), explore.WithEngine(explore.Revisiting))
		if r.Err != nil || len(r.Bounds) > 0 || r.Failure != nil && r.Failure.Kind != explore.DataRace {
			t.Errorf("%s: %s", name, r.Summary())
			continue
		}
		switch surplus := len(got) - len(states); {
		case !contains(got, states):
			t.Errorf("%s: %v, want all of %v", name, got, states)
		case surplus == 0:
			equal++
		case !strings.Contains(name, "Dp") && !slices.Contains(falseDependencies, name):
			t.Errorf("%s: %v, want only %v", name, got, states)
		default:
			more++
			wide := finals{}
			explore.Run(name, test.scenario(dependencies{}, wide.add), explore.WithMemoryModel(explore.LKMM), explore.WithEngine(explore.Enumerating))
			if !contains(wide, got) {
				t.Errorf("%s: %v, by enumeration only %v", name, got, wide)
			}
		}
	}
	if equal < 677 || buffering < 70 {
		t.Errorf("%d tests are equal, and %d have load buffering; once 677 were, and 70 had", equal, buffering)
	}
	t.Logf("%d tests have equal states, %d more by policy P2; %d have load buffering", equal, more, buffering)
}

// withoutBuffering returns the final states of the permitted executions in which po | rf is acyclic, and whether there are others.
func (t *Test) withoutBuffering(tb testing.TB) (states map[string]bool, others bool) {
	ctx := context.Background()
	opts := Options{ThinAir: -1}
	ts := newTraces(t, &opts)
	ts.seed()
	if err := ts.build(ctx); err != nil {
		tb.Fatal(err)
	}
	res := &Result{Test: t}
	s := newSearch(ctx, t, ts, res)
	s.probe = func(x *memorder.Execution) bool {
		switch {
		case !x.Permitted(false):
		case porf(x):
			s.record(x, false)
		default:
			others = true
		}
		return true
	}
	s.run(everything)
	res.states = s.states
	states = map[string]bool{}
	for _, row := range res.States() {
		states[strings.Join(row, " ")] = true
	}
	return states, others
}

// porf reports whether po | rf is acyclic: whether the threads can go on one event at a time, a read after what it sees.
func porf(x *memorder.Execution) bool {
	done, left := make([]int, x.Threads()), 0
	for i := range done {
		left += x.Thread(i).Accesses()
	}
	for moved := true; moved; {
		moved = false
		for i := range done {
			for ; done[i] < x.Thread(i).Accesses(); done[i]++ {
				id := memorder.ID(i, done[i])
				if x.Event(id).Reads() {
					if w, ok := x.Source(id); ok && w != memorder.Initial && w.Access() >= done[w.Thread()] {
						break
					}
				}
				moved = true
				left--
			}
		}
	}
	return left == 0
}
