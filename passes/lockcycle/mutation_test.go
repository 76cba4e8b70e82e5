package lockcycle_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/internal/mutate"
	"github.com/mmvet/mmvet/passes/lockcycle"
)

// TestRulesAreNeeded weakens the rules that the findings of the pass rest on, one at a time.
func TestRulesAreNeeded(t *testing.T) {
	mutate.Run(t, lockcycle.Analyzer, []mutate.Case{
		{
			Name: "the first lock waits", Dir: "passes/lockcycle/testdata/chance", File: "passes/lockcycle/testdata/chance/chance.go",
			Rule: "d.c.mu.Lock()", By: "if !d.c.mu.TryLock() { return }", Lost: "chance.C.mu -> ",
		},
		{
			Name: "no gate", Dir: "passes/lockcycle/testdata/chance", File: "passes/lockcycle/testdata/chance/chance.go",
			Rule: "func (d *D) Free() {\n", By: "func (d *D) Free(g *gate) {\n\tg.Lock(); defer g.Unlock()\n", Lost: "chance.C.mu -> ",
		},
	})
}
