package lockexcluded_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/internal/mutate"
	"github.com/mmvet/mmvet/passes/lockexcluded"
)

// TestRulesAreNeeded weakens the rules that the findings of the pass rest on, one at a time.
func TestRulesAreNeeded(t *testing.T) {
	mutate.Run(t, lockexcluded.Analyzer, []mutate.Case{
		{
			Name: "the directive", Dir: "passes/lockexcluded/testdata/through", File: "passes/lockexcluded/testdata/through/through.go",
			Rule: "//mmvet:must_not_hold s.mu", By: "//", Lost: "stated must not be called with",
		},
		{
			Name: "the callee takes the lock", Dir: "passes/lockexcluded/testdata/ways", File: "passes/lockexcluded/testdata/ways/ways.go",
			Rule: "s.mu.Lock()\n\ts.n = 1", By: "s.mu.TryLock()\n\ts.n = 1", Lost: "S.mu(s.mu) held",
		},
	})
}
