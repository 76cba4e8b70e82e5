package lifetime_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/internal/weaken"
	"github.com/mmvet/mmvet/passes/lifetime"
)

// TestEveryLoanIsNeeded deletes what a contract says of the life of an object, or lets more keep it, and sees that the use of
// that object after its life is not found any more.
func TestEveryLoanIsNeeded(t *testing.T) {
	weaken.Run(t, lifetime.Analyzer, "./passes/lifetime/testdata/kernel", []weaken.Case{
		{In: "func find_vma(", Clause: "lends ret while stabiliser(ret)", Lost: "AfterUnlock"},
		{In: "func find_vma(", Clause: "lends ret while stabiliser(ret)", Lost: "Relocked"},
		{In: "func lock_vma_under_rcu(", Clause: "lends ret while stabiliser(ret)", Lost: "AfterEndRead"},
		{In: "func handle_mm_fault(", Clause: "releases mmap(vma.vm_mm) read if !(flags & FAULT_FLAG_VMA_LOCK) on ret & VM_FAULT_RETRY\n", Lost: "FaultRetried"},
		{In: "func mas_walk(", Clause: "lends ret while any(rcu, stabiliser(ret))", Lost: "UnderRcu"},
		{In: "func vma_start_read(mm,", Clause: "any(vma(vma), mm_users(vma.vm_mm), mm_count(vma.vm_mm))", By: "mm_users(vma.vm_mm)", Lost: "OtherMm"},
		{In: "func get_task_mm(", Clause: "lends ret while any(mm_users(ret), mm_count(ret)) on ret", Lost: "AfterMmput"},
		{In: "func get_task_mm(", Clause: "any(mm_users(ret), mm_count(ret))", By: "any(mm_users(ret), mmap(ret))", Lost: "UnlockAfterMmput"},
		{In: "func pte_offset_map_lock(", Clause: "lends pte while any(rcu since v6.5, ptl(pmd) write)", Lost: "AfterPteUnmap"},
		{In: "func folio_lock_anon_vma_read(", Clause: "any(avma(ret.root) any, anon_vma_ref(ret))", By: "folio(folio)", Lost: "AfterUnlockAnonVma"},
		{In: "func find_lock_page(", Clause: "lends ret while any(folio_ref(ret.folio), folio(ret.folio)) on ret", Lost: "AfterPut"},
		{In: "func madvise_willneed(", Clause: "lends vma while held(vma)", Lost: "MadviseRemove"},
		{In: "func pte_free(mm,", Clause: "frees pte", Lost: "Freed"},
	})
}
