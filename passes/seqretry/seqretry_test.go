package seqretry_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/seqretry"
)

const (
	root = "../.."
	data = "./passes/seqretry/testdata/"
)

func TestCounts(t *testing.T) {
	analysistest.Run(t, root, seqretry.Analyzer, data+"kernel", data+"ordinary", data+"sync")
}
