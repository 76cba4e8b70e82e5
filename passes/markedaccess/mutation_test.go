package markedaccess_test

import (
	"os"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/passes/internal/weaken"
	"github.com/mmvet/mmvet/passes/markedaccess"
)

// TestEveryClauseIsNeeded takes what the contract says about marks away, piece by piece, and sees that the finding that hangs
// on it is lost, and no other.
func TestEveryClauseIsNeeded(t *testing.T) {
	patterns := []string{data + "marks"}
	whole := weaken.In(weaken.Findings(t, markedaccess.Analyzer, patterns), "")
	for _, test := range []struct {
		weaken.Change
		lost []string
	}{
		{
			weaken.Change{In: "guard vm_area_struct.vm_lock_seq", Clause: "write requires mmap(vm_mm) write marked once", By: "write requires mmap(vm_mm) write"},
			[]string{"VmLockSeq is loaded plainly", "VmLockSeq is stored plainly"},
		},
		{
			weaken.Change{
				In:     "protocol mlock_flags",
				Clause: "store once in mlock_vma_pages_range before walk_page_range note \"VM_LOCKED and VM_IO together\"\n\tstore once in mlock_vma_pages_range after lru_add_drain note \"VM_IO goes after the walk and the drain\"",
			},
			[]string{"VmFlags is stored plainly"},
		},
	} {
		t.Run(test.lost[0], func(t *testing.T) {
			got := weaken.In(weaken.Findings(t, markedaccess.Analyzer, patterns, test.Change), "")
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
	for _, marks := range []*strings.Replacer{
		strings.NewReplacer("kernelshim.WriteOnce(&b.A, 1)", "b.A.Set(1)", "kernelshim.WriteOnce(&b.B, 1)", "b.B.Set(1)"),
		strings.NewReplacer("kernelshim.ReadOnce(&b.A)", "b.A.Get()", "kernelshim.ReadOnce(&b.B)", "b.B.Get()"),
	} {
		spoilt := marks.Replace(string(fixed))
		if got := weaken.Spoilt(t, markedaccess.Analyzer, []string{data + "fix"}, "testdata/fix/fix.go", spoilt); len(got) != 2 {
			t.Errorf("two marks are missing, found:\n%s\nin\n%s", weaken.In(got, ""), spoilt)
		}
	}
}
