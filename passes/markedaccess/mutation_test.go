package markedaccess_test

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/passes/markedaccess"
)

// TestEveryClauseIsNeeded takes what the contract says about marks away, piece by piece, and sees that the finding that hangs
// on it is lost, and no other.
func TestEveryClauseIsNeeded(t *testing.T) {
	text, err := os.ReadFile("../../lockorder/mm/mm.contract")
	if err != nil {
		t.Fatal(err)
	}
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax, Dir: root}, data+"marks")
	if err != nil {
		t.Fatal(err)
	}
	whole := findings(t, pkgs)
	for _, test := range []struct {
		name, clause, without string
		lost                  []string
	}{
		{
			"guard", "write requires mmap(vm_mm) write marked once\n\t\tby vma_start_write", "write requires mmap(vm_mm) write\n\t\tby vma_start_write",
			[]string{"VmLockSeq is loaded plainly", "VmLockSeq is stored plainly"},
		},
		{
			"protocol", "store once in mlock_vma_pages_range before walk_page_range note \"VM_LOCKED and VM_IO together\"\n\tstore once in mlock_vma_pages_range after lru_add_drain note \"VM_IO goes after the walk and the drain\"\n", "",
			[]string{"VmFlags is stored plainly"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if strings.Count(string(text), test.clause) != 1 {
				t.Fatalf("%q does not stand once in the contract", test.clause)
			}
			c, err := lockorder.Parse("mm.contract", strings.Replace(string(text), test.clause, test.without, 1))
			if err != nil {
				t.Fatal(err)
			}
			defer mm.Replace(c)()
			got := findings(t, pkgs)
			for _, lost := range test.lost {
				if !strings.Contains(whole, lost) || strings.Contains(got, lost) {
					t.Errorf("%q hangs on something else; with the clause:\n%s\nwithout it:\n%s", lost, whole, got)
				}
			}
			if strings.Count(whole, "\n")-strings.Count(got, "\n") != len(test.lost) {
				t.Errorf("with the clause:\n%s\nwithout it:\n%s", whole, got)
			}
		})
	}
}

// TestEveryMarkIsNeeded takes the marks away in the fixed code of TestFixes, and sees that each is missed.
func TestEveryMarkIsNeeded(t *testing.T) {
	fixed, err := os.ReadFile("testdata/fix/fix.go.golden")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, marks := range []*strings.Replacer{
		strings.NewReplacer("kernelshim.WriteOnce(&b.A, 1)", "b.A.Set(1)", "kernelshim.WriteOnce(&b.B, 1)", "b.B.Set(1)"),
		strings.NewReplacer("kernelshim.ReadOnce(&b.A)", "b.A.Get()", "kernelshim.ReadOnce(&b.B)", "b.B.Get()"),
	} {
		spoilt := marks.Replace(string(fixed))
		config := &packages.Config{Mode: packages.LoadAllSyntax, Dir: root, Overlay: map[string][]byte{dir + "/testdata/fix/fix.go": []byte(spoilt)}}
		pkgs, err := packages.Load(config, data+"fix")
		if err != nil || packages.PrintErrors(pkgs) > 0 {
			t.Fatal(err)
		}
		if got := findings(t, pkgs); strings.Count(got, "\n") != 2 {
			t.Errorf("two marks are missing, found:\n%s\nin\n%s", got, spoilt)
		}
	}
}

// findings runs the pass and returns the messages, a line each.
func findings(t *testing.T, pkgs []*packages.Package) string {
	t.Helper()
	graph, err := checker.Analyze([]*analysis.Analyzer{markedaccess.Analyzer}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	for _, act := range graph.Roots {
		if act.Err != nil {
			t.Fatal(act.Err)
		}
		for _, d := range act.Diagnostics {
			out += d.Message + "\n"
		}
	}
	return out
}
