package notifierpair_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/internal/weaken"
	"github.com/mmvet/mmvet/passes/notifierpair"
)

// TestEveryRuleIsNeeded weakens what the contract says of brackets, and sees that the finding which hangs on it is lost.
func TestEveryRuleIsNeeded(t *testing.T) {
	weaken.Run(t, notifierpair.Analyzer, "./passes/notifierpair/testdata/pairs", []weaken.Case{
		{In: "func mmu_notifier_invalidate_range_start(", Clause: "begins notifier(range.mm)", Lost: "Leak"},
		{In: "func mmu_notifier_invalidate_range_start(", Clause: "begins notifier(range.mm)", Lost: "Helpers"},
		{In: "pair pte_map", Clause: " lifo", Lost: "Crossed"},
	})
}
