package litmus

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/kernelshim/explore"
)

var exactly = []explore.Option{explore.WithMemoryModel(explore.LKMM), explore.WithDependencies(explore.CarriedOnly)}

// TestScenariosExact runs the tests with values that carry what they were computed from: enumeration finds exactly the final states and
// races that the runner of litmus tests finds, and revisits those of them that take no load buffering.
func TestScenariosExact(t *testing.T) {
	tests := ownTests(t)
	same := 0
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		test := *tests[name]
		test.filter = nil
		if unplayable(&test) != "" || slices.Contains(waiters, name) {
			continue
		}
		res, err := test.Run(context.Background(), Options{ThinAir: -1})
		if err != nil {
			t.Fatal(err)
		}
		want := finals{}
		for _, s := range res.States() {
			want.add(strings.Join(s, " "))
		}
		narrow, _ := test.withoutBuffering(t)
		for engine, want := range map[explore.Engine]finals{explore.Enumerating: want, explore.Revisiting: narrow} {
			got := finals{}
			r := explore.Run(name, test.scenario(true, got.add), append(exactly, explore.WithEngine(engine))...)
			if r.Err != nil || len(r.Bounds) > 0 || r.Failure != nil && r.Failure.Kind != explore.DataRace {
				t.Errorf("%s: %s", name, r.Summary())
			}
			if engine == explore.Enumerating && res.Race != (r.Failure != nil) {
				t.Errorf("%s: %s, race %v", name, r.Summary(), res.Race)
			}
			if !maps.Equal(got, want) {
				t.Errorf("%s, %s: %v, want %v", name, r.Engine, got, want)
			}
		}
		same++
	}
	t.Logf("%d of %d tests", same, len(tests))
}
