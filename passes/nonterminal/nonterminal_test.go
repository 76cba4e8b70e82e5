package nonterminal_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/nonterminal"
)

// root is the module's root: the packages of testdata are packages of it, so that they can import the shim.
const root = "../.."

func run(t *testing.T, dirs ...string) {
	t.Helper()
	patterns := make([]string, len(dirs))
	for i, dir := range dirs {
		patterns[i] = "./passes/nonterminal/testdata/" + dir
	}
	analysistest.Run(t, root, nonterminal.Analyzer, patterns...)
}

func TestClassic(t *testing.T) { run(t, "classic") }

// story is the first story: khugepaged removes page tables without the locks of the reverse map.
const story = "./testdata/mm/retract-without-rmap-locks/"

// TestStory holds the findings to the marks in the ports that the simulator runs too.
func TestStory(t *testing.T) {
	analysistest.Run(t, root, nonterminal.Analyzer, story+"buggy", story+"fixed")
}

func TestEntries(t *testing.T) { run(t, "entries") }
func TestDuties(t *testing.T)  { run(t, "duties") }
func TestRcuPt(t *testing.T)   { run(t, "rcupt") }
