package lockheld_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/internal/weaken"
	"github.com/mmvet/mmvet/passes/lockheld"
)

// TestEveryRuleIsNeeded weakens what the contract asks for and what it says of locks, and sees that the finding which hangs on
// it is lost.
func TestEveryRuleIsNeeded(t *testing.T) {
	weaken.Run(t, lockheld.Analyzer, "./passes/lockheld/testdata/mmap", []weaken.Case{
		{In: "func find_vma(", Clause: "requires mmap(mm) any", Lost: "Read"},
		{In: "func expand_stack_locked(vma, address) ret, expand_upwards", Clause: "mmap(vma.vm_mm) write", By: "mmap(vma.vm_mm) any", Lost: "Downgrade"},
		{In: "func ptep_modify_prot_commit(", Clause: "requires entry_locked(ptep)", By: "sleeps", Lost: "CommitLate"},
		{In: "func mmap_read_trylock(", Clause: " try on ret", Lost: "Trylock"},
	})
	weaken.Run(t, lockheld.Analyzer, "./passes/lockheld/testdata/gosync", []weaken.Case{
		{Contract: weaken.Sync, In: "func Mutex.Unlock(", Clause: "releases *(m) write", Lost: "AfterUnlock"},
		{Contract: weaken.Sync, In: "func RWMutex.RLock(", Clause: "acquires *(m) read", By: "acquires *(m) write", Lost: "WrongMode"},
		{Contract: weaken.Sync, In: "func Mutex.TryLock(", Clause: " try on ok", Lost: "Try"},
	})
}
