package markedaccess_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/markedaccess"
)

const (
	root = "../.."
	data = "./passes/markedaccess/testdata/"
)

func TestMarks(t *testing.T) { analysistest.Run(t, root, markedaccess.Analyzer, data+"marks") }

func TestFixes(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, root, markedaccess.Analyzer, data+"fix")
}

// TestStory holds the findings to the marks in ports that the simulator runs too: mlock stores two bits that must not be seen
// apart.
func TestStory(t *testing.T) {
	const story = "./testdata/mm/mlock-counts-twice/"
	analysistest.Run(t, root, markedaccess.Analyzer, story+"buggy", story+"fixed")
}
