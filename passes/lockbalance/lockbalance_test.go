package lockbalance_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/lockbalance"
)

func TestPaths(t *testing.T) {
	analysistest.Run(t, "../..", lockbalance.Analyzer, "./passes/lockbalance/testdata/paths")
}

func TestLeft(t *testing.T) {
	analysistest.Run(t, "../..", lockbalance.Analyzer, "./passes/lockbalance/testdata/left")
}

func TestKernel(t *testing.T) {
	analysistest.Run(t, "../..", lockbalance.Analyzer, "./passes/lockbalance/testdata/kernel")
}

// TestFix holds the suggested fixes to the code after them.
func TestFix(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, "../..", lockbalance.Analyzer, "./passes/lockbalance/testdata/fix")
}
