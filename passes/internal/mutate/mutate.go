// Package mutate runs analyzers over code whose rules were weakened, for tests which see that a rule is needed: with the
// rule a finding is there, without it it is not.
package mutate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// root is the module as the tests of a pass see it.
const root = "../.."

// A Case is one rule and the finding that rests on it.
type Case struct {
	Name string
	// Dir is the package to check, from the root of the module.
	Dir string
	// File is where the rule stands, from the root: a Go file of the package, or the contract of mm. Rule stands there at
	// least once, and everywhere By takes its place.
	File, Rule, By string
	// Lost is part of a message that is there with the rule and not without it.
	Lost string
}

// Contract is the contract of mm, as the File of a Case.
const Contract = "lockorder/mm/mm.contract"

// Run checks every case with its rule and without it.
func Run(t *testing.T, a *analysis.Analyzer, cases []Case) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if before := messages(t, a, c.Dir, nil); !strings.Contains(before, c.Lost) {
				t.Fatalf("%q is not found with the rule: %s", c.Lost, before)
			}
			if after := c.without(t, a); strings.Contains(after, c.Lost) {
				t.Errorf("%q is found without %q: %s", c.Lost, c.Rule, after)
			}
		})
	}
}

// without returns the messages with the rule weakened.
func (c Case) without(t *testing.T, a *analysis.Analyzer) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(root, c.File))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), c.Rule) {
		t.Fatalf("%s has no %q (%v)", c.File, c.Rule, err)
	}
	weak := strings.ReplaceAll(string(text), c.Rule, c.By)
	if c.File != Contract {
		return messages(t, a, c.Dir, map[string][]byte{path: []byte(weak)})
	}
	contract, err := lockorder.Parse("mm.contract", weak)
	if err != nil {
		t.Fatal(err)
	}
	defer mm.Replace(contract)()
	return messages(t, a, c.Dir, nil)
}

// messages returns what an analyzer says of a package.
func messages(t *testing.T, a *analysis.Analyzer, dir string, overlay map[string][]byte) string {
	t.Helper()
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax, Dir: root, Overlay: overlay}, "./"+dir)
	if err != nil {
		t.Fatal(err)
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{a}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, act := range graph.Roots {
		if act.Err != nil {
			t.Fatal(act.Err)
		}
		for _, d := range act.Diagnostics {
			out.WriteString(d.Message + "\n")
		}
	}
	return out.String()
}
