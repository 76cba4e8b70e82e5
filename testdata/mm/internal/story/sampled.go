package story

import (
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/mmvet/mmvet/kernelshim/explore"
)

var long = flag.Bool("long", false, "find the bugs by sampling with more seeds")

// What sampling has to find a bug in: so many runs, by every seed.
const (
	sampledRuns  = 1000
	sampledSeeds = 5
	allSeeds     = 20 // with -long
)

// sampled finds a wrong version's first failure by sampling, as one would in a scenario that is too large for a proof. The failure
// may be another than that of the trace, but not one that needs no bad luck: a lock rule or a data race.
func (s Scenario[P]) sampled(t *testing.T, name string, p P, kind explore.Kind) {
	if os.Getenv("MMVET_SIM_REPORT") != "" || os.Getenv("MMVET_SIM_REPLAY") != "" {
		return // somebody runs the scenarios, not the tests
	}
	seeds := sampledSeeds
	if *long {
		seeds = allSeeds
	}
	t.Run("sampled/"+name, func(t *testing.T) {
		var runs []int
		for seed := range uint64(seeds) {
			opts := append(s.options(), explore.WithEngine(explore.Sampling), explore.WithSeed(seed+1), explore.WithAnyFailure(),
				explore.WithLimits(explore.Limits{Executions: sampledRuns}))
			r := explore.Run(t.Name(), s.over(p), opts...)
			if f := r.Failure; f == nil || f.Kind != kind && (f.Kind == explore.LockRule || f.Kind == explore.DataRace) {
				t.Errorf("seed %d: %s %v", seed+1, r.Summary(), r.Err)
			}
			runs = append(runs, r.Executions+r.Redundant)
		}
		slices.Sort(runs)
		t.Logf("found in %d runs by half of %d seeds, in %d by all", runs[len(runs)/2], len(runs), runs[len(runs)-1])
	})
}
