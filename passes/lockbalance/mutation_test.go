package lockbalance_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/internal/mutate"
	"github.com/mmvet/mmvet/passes/lockbalance"
)

// TestRulesAreNeeded weakens the rules that the findings of the pass rest on, one at a time.
func TestRulesAreNeeded(t *testing.T) {
	mutate.Run(t, lockbalance.Analyzer, []mutate.Case{
		{
			Name: "the unlock of the model", Dir: "passes/lockbalance/testdata/left", File: "passes/lockbalance/testdata/left/left.go",
			Rule: "unlock := func() { s.mu.Unlock() }", By: "unlock := func() {}", Lost: "S.mu(s.mu) is released but not held\n",
		},
	})
}
