package litmus

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

var exactly = []explore.Option{explore.WithMemoryModel(explore.LKMM), explore.WithDependencies(explore.CarriedOnly)}

// TestScenariosExact runs the tests with values that carry what they were computed from: enumeration finds exactly the final states and
// races that the runner of litmus tests finds, and revisits those of them that take no load buffering.
func TestScenariosExact(t *testing.T) {
	same := 0
	for name, test := range playable(t) {
		want, race := test.finalStates(t)
		narrow, _ := test.withoutBuffering(t)
		for engine, want := range map[explore.Engine]finals{explore.Enumerating: want, explore.Revisiting: narrow} {
			got := finals{}
			r := explore.Run(name, test.scenario(everyDependency, got.add), append(exactly, explore.WithEngine(engine))...)
			if r.Err != nil || len(r.Bounds) > 0 || r.Failure != nil && r.Failure.Kind != explore.DataRace {
				t.Errorf("%s: %s", name, r.Summary())
			}
			if engine == explore.Enumerating && race != (r.Failure != nil) {
				t.Errorf("%s: %s, race %v", name, r.Summary(), race)
			}
			if !maps.Equal(got, want) {
				t.Errorf("%s, %s: %v, want %v", name, r.Engine, got, want)
			}
		}
		same++
	}
	if t.Logf("%d tests", same); same < 707 {
		t.Errorf("%d tests are the same, once 707 were", same)
	}
}

// TestScenariosDrop: without dependencies of any one kind some tests have more final states, and none has fewer.
func TestScenariosDrop(t *testing.T) {
	for name, carries := range map[string]dependencies{"addr": {data: true, ctrl: true}, "data": {addr: true, ctrl: true}, "ctrl": {addr: true, data: true}} {
		more := 0
		for test, p := range playable(t) {
			want, _ := p.finalStates(t)
			got := finals{}
			explore.Run(test, p.scenario(carries, got.add), append(exactly, explore.WithEngine(explore.Enumerating))...)
			if !contains(got, want) {
				t.Errorf("%s without %s: %v, want all of %v", test, name, got, want)
			}
			if len(got) > len(want) {
				more++
			}
		}
		if t.Logf("%d tests need %s", more, name); more < 5 {
			t.Errorf("only %d tests need %s dependencies", more, name)
		}
	}
}

// TestScenariosFalseAlarms reports each final state that only policy P2 allows as a failure: the report says that it takes a store
// that overtakes a read, or a read that does. With what is carried there is no failure.
func TestScenariosFalseAlarms(t *testing.T) {
	alarms := 0
	for name, test := range playable(t) {
		want, race := test.finalStates(t)
		if race || !strings.Contains(name, "Dp") && !slices.Contains(falseDependencies, name) {
			continue // a race is reported instead
		}
		no := func(state string) { Assert(want[state], "%s is no final state of %s", state, name) }
		for _, engine := range []explore.Engine{explore.Enumerating, explore.Revisiting} {
			opts := append(exactly, explore.WithEngine(engine))
			if r := explore.Run(name, test.scenario(everyDependency, no), opts...); r.Verdict != explore.Proved {
				t.Errorf("%s, %s: %v", name, r.Summary(), r.Failure)
			}
			r := explore.Run(name, test.scenario(dependencies{}, no), append(opts, explore.WithDependencies(explore.FromTries))...)
			if r.Failure != nil {
				alarms++
				if r.Failure.Kind != explore.Invariant || !r.Failure.Overtaking && !r.Failure.Early {
					t.Errorf("%s: a false alarm passes for a proof of a bug: %s", name, r.Trace())
				}
			}
		}
	}
	if t.Logf("%d false alarms", alarms); alarms < 90 {
		t.Errorf("%d false alarms, once 90 were", alarms)
	}
}

// finalStates returns the final states of a test, and whether it has a data race, by the runner of litmus tests.
func (t *Test) finalStates(tb testing.TB) (states finals, race bool) {
	res, err := t.Run(context.Background(), Options{ThinAir: -1})
	if err != nil {
		tb.Fatal(err)
	}
	states = finals{}
	for _, s := range res.States() {
		states.add(strings.Join(s, " "))
	}
	return states, res.Race
}
