package droppedlock_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/droppedlock"
)

func run(t *testing.T, dir string) {
	t.Helper()
	analysistest.Run(t, "../..", droppedlock.Analyzer, "./passes/droppedlock/testdata/"+dir)
}

func TestLocks(t *testing.T)  { run(t, "locks") }
func TestKernel(t *testing.T) { run(t, "kernel") }
