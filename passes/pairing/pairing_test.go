package pairing_test

import (
	"slices"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/markedaccess"
	"github.com/mmvet/mmvet/passes/pairing"
)

const (
	// root is the module's root: the packages of testdata are packages of it, so that they can import the shim.
	root = "../.."
	data = "./passes/pairing/testdata/"
	// story is the second story: a page fault locks a VMA that is half registered.
	story = "./testdata/mm/vma-lock-seq/"
)

// TestPairing holds the findings to the marks in all inputs, which are loaded together: messages in every shape; a sender and
// a receiver in packages of their own; each half of the story's mistake by itself; ordinary Go.
func TestPairing(t *testing.T) {
	analysistest.Run(t, root, pairing.Analyzer, data+"message", data+"shared", data+"below", data+"above", data+"relaxedend",
		data+"relaxedload", data+"right", data+"ordinary")
}

// both are the analyzers that marks are of.
var both = &analysis.Analyzer{
	Name: "both", Doc: "pairing and markedaccess", Requires: slices.Concat(pairing.Analyzer.Requires, markedaccess.Analyzer.Requires),
	Run: func(pass *analysis.Pass) (any, error) {
		if _, err := pairing.Analyzer.Run(pass); err != nil {
			return nil, err
		}
		_, err := markedaccess.Analyzer.Run(pass)
		return nil, err
	},
}

// TestStory does so for the ports that the simulator runs too, which have marks of two analyzers.
func TestStory(t *testing.T) {
	const later = "./testdata/mm/vma-lock-seqcount/"
	analysistest.Run(t, root, both, story+"buggy", story+"fixed",
		later+"buggy", later+"buggy/relaxedend", later+"buggy/relaxedload", later+"fixed")
}

// TestSteps does so for the stories that lack a fence, or a call, which a protocol of the contract asks for.
func TestSteps(t *testing.T) {
	analysistest.Run(t, root, pairing.Analyzer, stepStories()...)
}

// stepStories are the ports that break one step of a protocol each, and those that break none.
func stepStories() (ports []string) {
	for _, port := range []string{
		"anon-exclusive-fences/buggy", "anon-exclusive-fences/buggy/nomb", "anon-exclusive-fences/buggy/nograb",
		"anon-exclusive-fences/buggy/nowmb", "anon-exclusive-fences/buggy/normb", "anon-exclusive-fences/fixed",
		"fork-shares-pinned-page/buggy", "fork-shares-pinned-page/buggy/noretry", "fork-shares-pinned-page/fixed",
		"unmap-of-pinned-page/buggy", "unmap-of-pinned-page/fixed",
		"migration-of-pinned-page/buggy", "migration-of-pinned-page/buggy/hint", "migration-of-pinned-page/fixed",
	} {
		ports = append(ports, "./testdata/mm/"+port)
	}
	return ports
}

func TestFixes(t *testing.T) {

	analysistest.RunWithSuggestedFixes(t, root, pairing.Analyzer, data+"fix", data+"fixgo")

}
