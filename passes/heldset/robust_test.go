package heldset_test

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/mmvet/mmvet/passes/lockheld"
	"github.com/mmvet/mmvet/passes/nonterminal"
)

// foreign are packages of other people with many forms of code, among them generics and generated tables. They are those
// that this module depends on, so that nothing needs to be fetched.
var foreign = []string{
	"golang.org/x/tools/go/ssa", "golang.org/x/tools/go/packages", "pgregory.net/rapid", "github.com/google/go-cmp/cmp",
	"github.com/spf13/cobra", "github.com/rogpeppe/go-internal/testscript", "golang.org/x/sync/...",
}

// TestForeignCode runs the passes over code that they were not written for: they end, do not panic, say the same each time,
// and say it at a place.
func TestForeignCode(t *testing.T) {
	if testing.Short() {
		t.Skip("loads many packages")
	}
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax, Dir: "../.."}, foreign...)
	if err != nil {
		t.Fatal(err)
	}
	first := analyze(t, pkgs)
	if second := analyze(t, pkgs); first != second {
		t.Errorf("two runs differ:\n%s\n---\n%s", first, second)
	}
	t.Logf("%d packages:\n%s", len(pkgs), first)
}

// analyze returns all findings in pkgs as text, and checks each.
func analyze(t *testing.T, pkgs []*packages.Package) string {
	t.Helper()
	graph, err := checker.Analyze([]*analysis.Analyzer{lockheld.Analyzer, nonterminal.Analyzer}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	facts := gob.NewEncoder(&countFacts{t: t})
	for act := range graph.All() {
		for _, f := range act.AllObjectFacts() {
			if act.Analyzer.Name == "heldset" && f.Object.Pkg() == act.Package.Types {
				if err := facts.Encode(f.Fact); err != nil {
					t.Fatal(err)
				}
			}
		}
		if act.Err != nil && !strings.Contains(act.Err.Error(), "failed prerequisites") && act.IsRoot {
			t.Errorf("%s: %v", act, act.Err)
		}
		for _, d := range act.Diagnostics {
			pos, end := act.Package.Fset.Position(d.Pos), act.Package.Fset.Position(d.End)
			if !d.Pos.IsValid() || d.End <= d.Pos || pos.Filename != end.Filename {
				t.Errorf("%s: %q stands from %v to %v", act, d.Message, pos, end)
			}
			for _, r := range d.Related {
				if !r.Pos.IsValid() || r.End < r.Pos {
					t.Errorf("%s: related %q stands from %d to %d", act, r.Message, r.Pos, r.End)
				}
			}
			fmt.Fprintf(&out, "%v: %s\n", pos, d.Message)
		}
	}
	return out.String()
}

// maxForeignFacts bounds the facts about all of the packages above and those that they import, in bytes.
const maxForeignFacts = 64 << 10

// countFacts counts what is written to it.
type countFacts struct {
	t *testing.T
	n int
}

// Write fails the test when there is more than maxForeignFacts.
func (c *countFacts) Write(b []byte) (int, error) {
	if c.n += len(b); c.n > maxForeignFacts {
		c.t.Fatalf("the facts take more than %d bytes", maxForeignFacts)
	}
	return len(b), nil
}
