package rcuderef_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/rcuderef"
)

const (
	root = "../.."
	data = "./passes/rcuderef/testdata/"
)

func TestSections(t *testing.T) { analysistest.Run(t, root, rcuderef.Analyzer, data+"sections") }

func TestFixes(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, root, rcuderef.Analyzer, data+"fix")
}
