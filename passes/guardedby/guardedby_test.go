package guardedby_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/guardedby"
)

func TestGuards(t *testing.T) {
	analysistest.Run(t, "../..", guardedby.Analyzer, "./passes/guardedby/testdata/guards")
}

func TestDialect(t *testing.T) {
	analysistest.Run(t, "../..", guardedby.Analyzer, "./passes/guardedby/testdata/dialect")
}

// TestFix holds the suggested fixes to the code after them.
func TestFix(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, "../..", guardedby.Analyzer, "./passes/guardedby/testdata/fix")
}
