package story

import (
	"encoding/json"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/mmvet/mmvet/kernelshim/explore"
)

// Mutants of package fixed are made by TestMutants of the root: it compiles the story with a fixed version that has them all, and
// Mutant picks one of them. 0 is the original.
var Mutant int

// mutantBudget bounds the exploration of one mutant in one scenario: a mutant that takes longer counts as survivor.
const mutantBudget = 20 * time.Second

// mutating explores fixed as mutant by mutant, if TestMutants asks for it, and writes who survives to the file that it names.
func mutating[P any](t *testing.T, fixed P, scenarios []Scenario[P]) bool {
	var mutants []int
	out := os.Getenv("MMVET_MUTANTS_OUT")
	if out == "" {
		return false
	}
	if err := json.Unmarshal([]byte(os.Getenv("MMVET_MUTANTS")), &mutants); err != nil {
		t.Fatalf("MMVET_MUTANTS: %v", err)
	}
	killed := map[string]string{} // by mutant: how it fails
	for _, Mutant = range mutants {
		for _, s := range scenarios {
			opts := append(s.options(), explore.WithLimits(explore.Limits{Budget: mutantBudget}), explore.WithAnyFailure())
			r := explore.Run(t.Name(), s.over(fixed), opts...)
			if r.Verdict == explore.Buggy || r.Verdict == explore.Broken {
				killed[strconv.Itoa(Mutant)] = s.Name + ": " + r.Summary()
				break
			}
		}
	}
	text, err := json.Marshal(killed)
	if err == nil {
		err = os.WriteFile(out, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return true
}
