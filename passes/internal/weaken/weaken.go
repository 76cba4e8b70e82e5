// Package weaken runs an analyzer under a weakened contract, for the tests which show that a rule carries its findings: with
// the rule a finding is there, without it it is not. Rules that are code are weakened by TestRules in the root.
package weaken

import (
	"go/ast"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/passes/contract"
)

// root is the module's root, from the directory of a pass.
const root = "../.."

// The contracts that can be weakened, as the Contract of a Change.
const (
	Kernel = "lockorder/mm/mm.contract"
	Sync   = "passes/contract/sync.contract"
)

// replace makes a contract the one in force.
var replace = map[string]func(*lockorder.Contract) (restore func()){Kernel: mm.Replace, Sync: contract.ReplaceSync}

// A Change replaces a clause of a statement of a contract: Kernel if none is named. The statement is the first that starts
// with In, or the block in one, with In indented as it is; Clause stands there once.
type Change struct{ Contract, In, Clause, By string }

// A Finding is one message, and the function that it stands in.
type Finding struct{ Func, Message string }

// Findings runs the analyzer over packages of the module, such as "./passes/…", under the contracts with the changes. It ends
// the test if a clause does not stand once in its statement. It changes the contract for the whole process: tests that use it
// must not be parallel.
func Findings(t *testing.T, a *analysis.Analyzer, patterns []string, changes ...Change) []Finding {
	t.Helper()
	for file, c := range changed(t, changes) {
		defer replace[file](c)()
	}
	pkgs, err := load(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return analyze(t, a, pkgs)
}

// Spoilt runs the analyzer over packages with another text for one of their files, named from the directory of the pass. The
// text must compile.
func Spoilt(t *testing.T, a *analysis.Analyzer, patterns []string, file, text string) []Finding {
	t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	config := &packages.Config{Mode: packages.LoadAllSyntax, Dir: root, Overlay: map[string][]byte{path: []byte(text)}}
	pkgs, err := packages.Load(config, patterns...)
	if err != nil || packages.PrintErrors(pkgs) > 0 {
		t.Fatalf("%s does not compile when it is spoilt: %v", file, err)
	}
	return analyze(t, a, pkgs)
}

func analyze(t *testing.T, a *analysis.Analyzer, pkgs []*packages.Package) []Finding {
	t.Helper()
	graph, err := checker.Analyze([]*analysis.Analyzer{a}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	var found []Finding
	for _, act := range graph.Roots {
		if act.Err != nil {
			t.Fatal(act.Err)
		}
		for _, d := range act.Diagnostics {
			found = append(found, Finding{enclosing(act.Package, d), d.Message})
		}
	}
	return found
}

// enclosing names the function that a diagnostic stands in; "" for none.
func enclosing(pkg *packages.Package, d analysis.Diagnostic) string {
	for _, f := range pkg.Syntax {
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Pos() <= d.Pos && d.Pos <= fn.End() {
				return fn.Name.Name
			}
		}
	}
	return ""
}

// In returns the messages in a function, a line each; in all functions for "".
func In(found []Finding, fn string) string {
	var out strings.Builder
	for _, f := range found {
		if fn == "" || f.Func == fn {
			out.WriteString(f.Message + "\n")
		}
	}
	return out.String()
}

// A Case is one weakening and the finding that it loses: the first one in the function Lost, or the one there that has Message.
type Case struct{ Contract, In, Clause, By, Lost, Message string }

// Run shows of each case that its finding is there, and is lost when the contract is weakened.
func Run(t *testing.T, a *analysis.Analyzer, dir string, cases []Case) {
	t.Helper()
	whole := Findings(t, a, []string{dir})
	for _, c := range cases {
		t.Run(c.Lost, func(t *testing.T) {
			lost := c.Message
			if lost == "" {
				lost, _, _ = strings.Cut(In(whole, c.Lost), "\n")
			}
			if lost == "" || !strings.Contains(In(whole, c.Lost), lost) {
				t.Fatalf("%s has no finding %q", c.Lost, lost)
			}
			got := In(Findings(t, a, []string{dir}, Change{c.Contract, c.In, c.Clause, c.By}), c.Lost)
			if strings.Contains(got, lost) {
				t.Errorf("with %q instead of %q, %s is still found: %s", c.By, c.Clause, c.Lost, got)
			}
		})
	}
}

// changed returns the contracts that the changes make, by file.
func changed(t *testing.T, changes []Change) map[string]*lockorder.Contract {
	t.Helper()
	texts := map[string]string{}
	for _, c := range changes {
		if c.Contract == "" {
			c.Contract = Kernel
		}
		if texts[c.Contract] == "" {
			data, err := os.ReadFile(filepath.Join(root, c.Contract))
			if err != nil {
				t.Fatal(err)
			}
			texts[c.Contract] = string(data)
		}
		texts[c.Contract] = c.apply(t, texts[c.Contract])
	}
	contracts := map[string]*lockorder.Contract{}
	for file, text := range texts {
		c, err := lockorder.Parse(filepath.Base(file), text)
		if err != nil {
			t.Fatal(err)
		}
		contracts[file] = c
	}
	return contracts
}

func (c Change) apply(t *testing.T, text string) string {
	t.Helper()
	head, rest, found := strings.Cut(text, "\n"+c.In)
	indent := c.In[:len(c.In)-len(strings.TrimLeft(c.In, "\t"))]
	end := strings.Index(rest, "\n"+indent+"}\n")
	if line, below, _ := strings.Cut(rest, "\n"); !strings.HasSuffix(line, "{") && !strings.HasPrefix(below, indent+"\t") {
		end = len(line) // a statement of one line
	}
	if !found || end < 0 || strings.Count(rest[:end], c.Clause) != 1 {
		t.Fatalf("%q does not stand once in the statement that starts with %q", c.Clause, c.In)
	}
	return head + "\n" + c.In + strings.Replace(rest[:end], c.Clause, c.By, 1) + rest[end:]
}

var (
	loadedMu sync.Mutex
	loaded   = map[string][]*packages.Package{}
)

// load loads packages once in a process: that takes longer than to analyse them.
func load(patterns []string) ([]*packages.Package, error) {
	loadedMu.Lock()
	defer loadedMu.Unlock()
	key := strings.Join(patterns, " ")
	if loaded[key] == nil {
		pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax, Dir: root}, patterns...)
		if err != nil {
			return nil, err
		}
		loaded[key] = pkgs
	}
	return loaded[key], nil
}
