package heldset_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/heldset"
)

// TestInferred holds functions that state nothing to the facts that importers get of them.
func TestInferred(t *testing.T) {
	analysistest.Run(t, "../..", heldset.Analyzer, "./passes/heldset/testdata/inferred")
}
