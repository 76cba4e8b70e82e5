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
