package nonterminal_test

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
	"github.com/mmvet/mmvet/passes/nonterminal"
)

// The clauses of op remove_table/classic that ask for a lock, and the lock as findings name it.
var classicLocks = []struct{ clause, lock, lacking, reading string }{
	{"requires mmap(vma.vm_mm) write", "mmap(vma.VmMm)", "NoMmap", "ReadMmap"},
	{"requires imap(vma.vm_file.f_mapping) write if vma.vm_file", "imap(vma.VmFile.FMapping)", "NoImap", "ReadImap"},
	{"requires avma(vma.anon_vma.root) write if vma.anon_vma", "avma(vma.AnonVma.Root)", "NoAvma", "ReadAvma"},
}

// TestEveryLockClauseIsNeeded deletes each of the three lock clauses of op remove_table/classic from the text of the
// contract, and sees that the findings which ask for that lock are lost: a contract without the clause does not pass.
func TestEveryLockClauseIsNeeded(t *testing.T) {
	for _, l := range classicLocks {
		t.Run(l.lock, func(t *testing.T) {
			findings := findingsUnder(t, l.clause, "")
			if got := findings[l.lacking]; strings.Contains(got, l.lock) {
				t.Errorf("without %q, %s is still found: %s", l.clause, l.lacking, got)
			}
			if got := findings["CollapseAndFreePmd"]; strings.Contains(got, l.lock) {
				t.Errorf("without %q, the story still names the lock: %s", l.clause, got)
			}
			for _, other := range classicLocks {
				if other.lock != l.lock && !strings.Contains(findings[other.lacking], other.lock) {
					t.Errorf("without %q, %s is not found: %q", l.clause, other.lacking, findings[other.lacking])
				}
			}
		})
	}
}

// TestEveryLockIsExclusive weakens the mode of each of the three clauses to any, and sees that a function which holds the
// lock for reading passes then.
func TestEveryLockIsExclusive(t *testing.T) {
	for _, l := range classicLocks {
		t.Run(l.lock, func(t *testing.T) {
			findings := findingsUnder(t, l.clause, strings.Replace(l.clause, " write", " any", 1))
			if got := findings[l.reading]; strings.Contains(got, l.lock) {
				t.Errorf("with mode any, %s is still found: %s", l.reading, got)
			}
			if got := findings[l.lacking]; !strings.Contains(got, l.lock) {
				t.Errorf("with mode any, %s is not found: %q", l.lacking, got)
			}
		})
	}
}

// TestUnchangedContract sees that the contract as it is has all the findings that the two tests above look for.
func TestUnchangedContract(t *testing.T) {
	clause := classicLocks[0].clause
	findings := findingsUnder(t, clause, clause)
	for _, l := range classicLocks {
		for _, fn := range []string{l.lacking, l.reading} {
			if !strings.Contains(findings[fn], l.lock) {
				t.Errorf("%s is not found for %s: %q", fn, l.lock, findings[fn])
			}
		}
	}
	for _, l := range classicLocks[1:] { // the port asserts mmap
		if !strings.Contains(findings["CollapseAndFreePmd"], l.lock) {
			t.Errorf("the story does not name %s: %q", l.lock, findings["CollapseAndFreePmd"])
		}
	}
}

// findingsUnder runs the pass over the inputs with a clause of op remove_table/classic replaced, and returns the messages
// by function.
func findingsUnder(t *testing.T, clause, by string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../lockorder/mm/mm.contract")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), "regime classic")
	block, tail, ok2 := strings.Cut(rest, "\n\t}\n")
	if !ok || !ok2 || strings.Count(block, clause+"\n") != 1 {
		t.Fatalf("%q does not stand once in regime classic", clause)
	}
	c, err := lockorder.Parse("mm.contract", head+"regime classic"+strings.Replace(block, clause+"\n", by+"\n", 1)+"\n\t}\n"+tail)
	if err != nil {
		t.Fatal(err)
	}
	defer mm.Replace(c)()
	findings := map[string]string{}
	pkgs, err := inputs()
	if err != nil {
		t.Fatal(err)
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{nonterminal.Analyzer}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range graph.Roots {
		if act.Err != nil {
			t.Fatal(act.Err)
		}
		for _, d := range act.Diagnostics {
			for _, f := range act.Package.Syntax {
				for _, decl := range f.Decls {
					if decl.Pos() <= d.Pos && d.Pos < decl.End() {
						findings[declName(decl)] += d.Message + "\n"
					}
				}
			}
		}
	}
	return findings
}

// inputs loads the packages that the tests above look at, once.
var inputs = sync.OnceValues(func() ([]*packages.Package, error) {
	config := &packages.Config{Mode: packages.LoadAllSyntax, Dir: root}
	return packages.Load(config, "./passes/nonterminal/testdata/classic", story+"buggy")
})

func declName(d ast.Decl) string {
	if fn, ok := d.(*ast.FuncDecl); ok {
		return fn.Name.Name
	}
	return ""
}
