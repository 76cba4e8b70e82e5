package notifierpair_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/internal/mutate"
	"github.com/mmvet/mmvet/passes/notifierpair"
)

// TestRulesAreNeeded weakens the rules that the findings of the pass rest on, one at a time.
func TestRulesAreNeeded(t *testing.T) {
	mutate.Run(t, notifierpair.Analyzer, []mutate.Case{
		{
			Name: "the start opens a bracket", Dir: "passes/notifierpair/testdata/pairs", File: mutate.Contract,
			Rule: "begins notifier(range.mm)\n", By: "\n", Lost: "is still held at the end",
		},
	})
}
