package contract_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/mmvet/mmvet/passes/contract"
)

// TestStated holds every directive to the fact that importers get of it.
func TestStated(t *testing.T) {
	analysistest.Run(t, "../..", contract.Analyzer, "./passes/contract/testdata/stated")
}

// TestBad holds every mistake in a directive to its position and to the cure that it is answered with.
func TestBad(t *testing.T) {
	results := analysistest.Run(t, "../..", contract.Analyzer, "./passes/contract/testdata/bad")
	for _, r := range results {
		for _, d := range r.Diagnostics {
			if d.Category != contract.BadContract || d.URL == "" || !d.Pos.IsValid() || d.End <= d.Pos {
				t.Errorf("%q: category %q, URL %q, from %d to %d", d.Message, d.Category, d.URL, d.Pos, d.End)
			}
		}
	}
}
