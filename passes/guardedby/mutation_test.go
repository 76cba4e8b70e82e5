package guardedby_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/guardedby"
	"github.com/mmvet/mmvet/passes/internal/mutate"
)

// TestRulesAreNeeded weakens the rules that the findings of the pass rest on, one at a time.
func TestRulesAreNeeded(t *testing.T) {
	mutate.Run(t, guardedby.Analyzer, []mutate.Case{
		{
			Name: "the guard of a field", Dir: "passes/guardedby/testdata/guards", File: "passes/guardedby/testdata/guards/guards.go",
			Rule: "m     map[string]int //mmvet:guarded_by mu", By: "m     map[string]int", Lost: "writing an element of s.m needs",
		},
	})
}
