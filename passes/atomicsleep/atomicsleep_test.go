package atomicsleep_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/atomicsleep"
)

func TestSleep(t *testing.T) {
	analysistest.Run(t, "../..", atomicsleep.Analyzer, "./passes/atomicsleep/testdata/sleep")
}
