package droppedlock_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/droppedlock"
	"github.com/mmvet/mmvet/passes/internal/weaken"
)

// TestEveryRuleIsNeeded weakens what the models say of who drops a lock, and of what a lock keeps, and sees that the finding
// which hangs on it is lost. That a body's drop is inferred is weakened in the root, by TestRules.
func TestEveryRuleIsNeeded(t *testing.T) {
	weaken.Run(t, droppedlock.Analyzer, "./passes/droppedlock/testdata/kernel", []weaken.Case{
		{In: "func madvise_willneed(", Clause: "drops mmap(vma.vm_mm)", Lost: "Advise"},
		{In: "func fixup_user_fault(", Clause: "drops mmap(mm) if unlocked", Lost: "Fixup"},
		{In: "func expand_stack(mm,", Clause: "drops mmap(mm)", Lost: "Grow"},
		{In: "func find_vma(", Clause: "lends ret while stabiliser(ret)", Lost: "Inferred"},
		{In: "func mmap_read_unlock(", Clause: "releases mmap(mm) read", Lost: "FindVmaPrev"},
	})
	weaken.Run(t, droppedlock.Analyzer, "./passes/droppedlock/testdata/locks", []weaken.Case{
		{Contract: weaken.Sync, In: "func Mutex.Unlock(", Clause: "releases *(m) write", Lost: "Stale"},
		{Contract: weaken.Sync, In: "func Cond.Wait(", Clause: "drops *(c.L) any", Lost: "WaitIf"},
	})
}
