package lockcycle_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/lockcycle"
)

// TestMain turns the inferred cycles on, which users ask for by a flag.
func TestMain(m *testing.M) {
	if err := lockcycle.Analyzer.Flags.Set("inferred", "true"); err != nil {
		panic(err)
	}
	m.Run()
}

func TestOrder(t *testing.T) {
	analysistest.Run(t, "../..", lockcycle.Analyzer, "./passes/lockcycle/testdata/order")
}

func TestPackages(t *testing.T) {
	analysistest.Run(t, "../..", lockcycle.Analyzer, "./passes/lockcycle/testdata/b")
}
