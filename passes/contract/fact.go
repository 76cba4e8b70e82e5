package contract

import (
	"strings"

	"github.com/mmvet/mmvet/lockorder"
)

// A statedFact is what a function's directives say, for packages that import it.
type statedFact struct {
	Kernel  string // the kernel function that it ports, or ""
	Release lockorder.Release
	Params  []string
	Results []string
	Clauses []*lockorder.Clause
	// Partial: only annotations and comments written for other tools say it, which may leave out what they did not ask for.
	Partial bool
	// Serial: no two calls run at a time, which callers see to.
	Serial bool
}

// AFact marks statedFact as a fact.
func (*statedFact) AFact() {}

// String returns the fact as it stands in the expectations of tests.
func (f *statedFact) String() string {
	var parts []string
	if f.Kernel != "" {
		parts = append(parts, strings.TrimSpace("port "+f.Kernel+" "+f.Release.String()))
	}
	if f.Serial {
		parts = append(parts, "serial")
	}
	for _, c := range f.Clauses {
		parts = append(parts, c.Body())
	}
	return strings.Join(parts, "; ")
}
