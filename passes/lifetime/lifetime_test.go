package lifetime_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/lifetime"
)

func run(t *testing.T, dir string) {
	t.Helper()
	analysistest.Run(t, "../..", lifetime.Analyzer, "./passes/lifetime/testdata/"+dir)
}

func TestPool(t *testing.T)   { run(t, "pool") }
func TestKernel(t *testing.T) { run(t, "kernel") }
