package vettool

import (
	"slices"
	"testing"

	"golang.org/x/tools/go/analysis"
)

type fact struct{}
type other struct{}

func (*fact) AFact()  {}
func (*other) AFact() {}

// TestForFacts sees that an analyzer that only reports asks for those with facts and for no others, under its own name and with
// its own flags, and does nothing.
func TestForFacts(t *testing.T) {
	run := func(*analysis.Pass) (any, error) { t.Error("it runs"); return nil, nil }
	syntax := &analysis.Analyzer{Name: "syntax", Doc: "d", Run: run}
	below := &analysis.Analyzer{Name: "below", Doc: "d", Run: run, FactTypes: []analysis.Fact{new(fact)}}
	locks := &analysis.Analyzer{Name: "locks", Doc: "d", Run: run, FactTypes: []analysis.Fact{new(other)}, Requires: []*analysis.Analyzer{syntax, below}}
	via := &analysis.Analyzer{Name: "via", Doc: "d", Run: run, Requires: []*analysis.Analyzer{locks}}
	reports := &analysis.Analyzer{Name: "reports", Doc: "d", Run: run, Requires: []*analysis.Analyzer{syntax, via, below}}
	reports.Flags.Bool("strict", false, "")

	got := forFacts([]*analysis.Analyzer{reports, locks})
	if err := analysis.Validate(got); err != nil {
		t.Fatal(err)
	}
	if got[1] != locks {
		t.Error("an analyzer with facts is not itself any more")
	}
	if want := []*analysis.Analyzer{below, locks}; !slices.Equal(got[0].Requires, want) {
		t.Errorf("requires %v, want %v", got[0].Requires, want)
	}
	if got[0].Name != "reports" || got[0].Flags.Lookup("strict") == nil {
		t.Errorf("%s has lost its name or flags", got[0].Name)
	}
	if _, err := got[0].Run(nil); err != nil {
		t.Error(err)
	}
	if reports.Requires[0] != syntax {
		t.Error("the analyzer itself is changed")
	}
}
