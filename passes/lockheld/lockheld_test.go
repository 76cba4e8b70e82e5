package lockheld_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/lockheld"
)

// root is the module's root: the packages of testdata are packages of it, so that they can import the shim.
const root = "../.."

func run(t *testing.T, dirs ...string) {
	t.Helper()
	patterns := make([]string, len(dirs))
	for i, dir := range dirs {
		patterns[i] = "./passes/lockheld/testdata/" + dir
	}
	analysistest.Run(t, root, lockheld.Analyzer, patterns...)
}

func TestGoSync(t *testing.T) { run(t, "gosync") }
func TestFlow(t *testing.T)   { run(t, "flow") }
func TestCalls(t *testing.T)  { run(t, "calls") }
func TestPaths(t *testing.T)  { run(t, "paths") }

func TestCallees(t *testing.T) {
	analysistest.Run(t, "../..", lockheld.Analyzer, "./passes/lockheld/testdata/callees")
}
