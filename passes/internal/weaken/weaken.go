// Package weaken runs an analyzer under a weakened contract, for the tests which show that a rule carries its findings.
package weaken

import (
	"go/ast"
	"os"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// root is the module's root, from the directory of a pass.
const root = "../.."

// A Change replaces a clause of a statement of the kernel's contract. The statement is the one whose first line starts with In.
type Change struct{ In, Clause, By string }

// Findings runs the analyzer over a package of the module, given as "./passes/…", under the contract with the changes, and
// returns the messages by the name of the function that they stand in. It ends the test if a clause does not stand once in
// its statement. It changes the contract for the whole process: tests that use it must not be parallel.
func Findings(t *testing.T, a *analysis.Analyzer, dir string, changes ...Change) map[string]string {
	t.Helper()
	defer mm.Replace(changed(t, changes))()
	pkgs, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{a}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	findings := map[string]string{}
	for _, act := range graph.Roots {
		if act.Err != nil {
			t.Fatal(act.Err)
		}
		for _, d := range act.Diagnostics {
			for _, f := range act.Package.Syntax {
				for _, decl := range f.Decls {
					if fn, ok := decl.(*ast.FuncDecl); ok && fn.Pos() <= d.Pos && d.Pos < fn.End() {
						findings[fn.Name.Name] += d.Message + "\n"
					}
				}
			}
		}
	}
	return findings
}

// A Case is one weakening and the function whose finding it loses: the first under the contract as it is is not there under the
// weakened one.
type Case struct{ In, Clause, By, Lost string }

// Run shows of each case that its finding is there, and is lost when the contract is weakened.
func Run(t *testing.T, a *analysis.Analyzer, dir string, cases []Case) {
	t.Helper()
	whole := Findings(t, a, dir)
	for _, c := range cases {
		t.Run(c.Lost, func(t *testing.T) {
			if whole[c.Lost] == "" {
				t.Fatalf("%s has no finding", c.Lost)
			}
			got := Findings(t, a, dir, Change{c.In, c.Clause, c.By})[c.Lost]
			first, _, _ := strings.Cut(whole[c.Lost], "\n")
			if strings.Contains(got, first) {
				t.Errorf("with %q instead of %q, %s is still found: %s", c.By, c.Clause, c.Lost, got)
			}
		})
	}
}

func changed(t *testing.T, changes []Change) *lockorder.Contract {
	t.Helper()
	data, err := os.ReadFile(root + "/lockorder/mm/mm.contract")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, c := range changes {
		head, rest, found := strings.Cut(text, "\n"+c.In)
		block, tail, closed := strings.Cut(rest, "\n}\n")
		if !found || !closed || strings.Count(block, c.Clause) != 1 {
			t.Fatalf("%q does not stand once in the statement that starts with %q", c.Clause, c.In)
		}
		text = head + "\n" + c.In + strings.Replace(block, c.Clause, c.By, 1) + "\n}\n" + tail
	}
	contract, err := lockorder.Parse("mm.contract", text)
	if err != nil {
		t.Fatal(err)
	}
	return contract
}

var (
	loadedMu sync.Mutex
	loaded   = map[string][]*packages.Package{}
)

// load loads a package once in a process: that takes longer than to analyse it.
func load(dir string) ([]*packages.Package, error) {
	loadedMu.Lock()
	defer loadedMu.Unlock()
	if loaded[dir] == nil {
		pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax, Dir: root}, dir)
		if err != nil {
			return nil, err
		}
		loaded[dir] = pkgs
	}
	return loaded[dir], nil
}
