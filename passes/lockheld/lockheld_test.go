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

func TestGoSync(t *testing.T)  { run(t, "gosync") }
func TestFlow(t *testing.T)    { run(t, "flow") }
func TestCalls(t *testing.T)   { run(t, "calls") }
func TestPaths(t *testing.T)   { run(t, "paths") }
func TestMmap(t *testing.T)    { run(t, "mmap") }
func TestVmaLock(t *testing.T) { run(t, "vmalock") }
func TestAsserts(t *testing.T) { run(t, "asserts") }

// TestFacts holds a package to what the one that it imports exports, and to the text of the facts.
func TestFacts(t *testing.T) { run(t, "facts/a", "facts/b") }

// TestCallees calls through values, interfaces, callbacks and getters.
func TestCallees(t *testing.T) { run(t, "callees") }

// TestUpstream holds the pass to silence on correct code of the kernel.
func TestUpstream(t *testing.T) { run(t, "upstream") }

// TestFix holds the suggested fixes to the code after them.
func TestFix(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, root, lockheld.Analyzer, "./passes/lockheld/testdata/fix", "./passes/lockheld/testdata/assertfix")
}
