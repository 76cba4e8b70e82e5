package lockcycle_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/lockcycle"
)

func TestOrder(t *testing.T) {
	analysistest.Run(t, "../..", lockcycle.Analyzer, "./passes/lockcycle/testdata/order")
}

func TestPackages(t *testing.T) {
	analysistest.Run(t, "../..", lockcycle.Analyzer, "./passes/lockcycle/testdata/b")
}
