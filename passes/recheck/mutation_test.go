package recheck_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/internal/weaken"
	"github.com/mmvet/mmvet/passes/lockheld"
	"github.com/mmvet/mmvet/passes/recheck"
)

// TestEveryRuleIsNeeded weakens what the contract says of a promise, of what can be cleared, of the lock of an entry, and of
// how often an entry may be read, and sees that the finding which hangs on it is lost.
func TestEveryRuleIsNeeded(t *testing.T) {
	weaken.Run(t, recheck.Analyzer, "./passes/recheck/testdata/kernel", []weaken.Case{
		{In: "func lock_vma_under_rcu(", Clause: "tells ret.anon_vma on ret && !ret.vm_file until v6.7", By: "sleeps if !mm", Lost: "LockVmaUnderRcu"},
		{In: "guard pmd_t.pmd", Clause: "write requires pml(self) write", By: "write requires page_table_lock(self.mm) write", Lost: "MoveNormalPmd"},
		{In: "guard pmd_t.pmd", Clause: "read lockless marked once", By: "read lockless", Lost: "TwoTests"},
		{In: "guard pmd_t.pmd", Clause: "read lockless marked once", By: "read requires pml(self) any", Lost: "TestAndUse"},
	})
}

// TestWhatCanBeClearedCounts lets the anon_vma be cleared without the lock of the VMA: then the mended port does not keep its
// promise either.
func TestWhatCanBeClearedCounts(t *testing.T) {
	change := weaken.Change{
		In:     "guard vm_area_struct.anon_vma from",
		Clause: "clear requires all(mmap(vm_mm) write, vma(self) write since v6.4, avma(anon_vma.root) write)",
		By:     "clear requires mmap(vm_mm) write",
	}
	mended := []string{"./passes/recheck/testdata/mended"}
	if got := weaken.In(weaken.Findings(t, recheck.Analyzer, mended, change), "LockVmaUnderRcu"); got == "" {
		t.Error("no finding")
	}
	if got := weaken.In(weaken.Findings(t, recheck.Analyzer, mended), "LockVmaUnderRcu"); got != "" {
		t.Errorf("a finding under the contract as it is: %s", got)
	}
}

// TestVmaIsLockedBeforeTheTableIsChecked deletes the clause on which the story of PT_RECLAIM hangs.
func TestVmaIsLockedBeforeTheTableIsChecked(t *testing.T) {
	weaken.Run(t, lockheld.Analyzer, "./testdata/mm/collapse-against-pt-reclaim/buggy", []weaken.Case{
		{In: "func check_pmd_still_valid(", Clause: "requires vma(pmd.vma) write since v6.17", By: "sleeps if !mm", Lost: "CollapseHugePage"},
	})
}
