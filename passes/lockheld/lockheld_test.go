package lockheld_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/lockheld"
)

func TestGoSync(t *testing.T) {
	analysistest.Run(t, "../..", lockheld.Analyzer, "./passes/lockheld/testdata/gosync")
}
