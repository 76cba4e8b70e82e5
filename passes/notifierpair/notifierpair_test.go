package notifierpair_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/notifierpair"
)

func TestPairs(t *testing.T) {
	analysistest.Run(t, "../..", notifierpair.Analyzer, "./passes/notifierpair/testdata/pairs")
}
