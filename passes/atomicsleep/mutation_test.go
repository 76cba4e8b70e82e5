package atomicsleep_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/atomicsleep"
	"github.com/mmvet/mmvet/passes/internal/mutate"
)

// TestRulesAreNeeded weakens the rules that the findings of the pass rest on, one at a time.
func TestRulesAreNeeded(t *testing.T) {
	mutate.Run(t, atomicsleep.Analyzer, []mutate.Case{
		{
			Name: "a spinlock is atomic", Dir: "passes/atomicsleep/testdata/sleep", File: mutate.Contract,
			Rule: "class page_table_lock spinlock", By: "class page_table_lock mutex", Lost: "MmapReadLock may sleep while",
		},
	})
}
