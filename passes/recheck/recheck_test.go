package recheck_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/recheck"
)

func run(t *testing.T, dir string) {
	t.Helper()
	analysistest.Run(t, "../..", recheck.Analyzer, "./passes/recheck/testdata/"+dir)
}

func TestLocks(t *testing.T)  { run(t, "locks") }
func TestKernel(t *testing.T) { run(t, "kernel") }
func TestMended(t *testing.T) { run(t, "mended") }
