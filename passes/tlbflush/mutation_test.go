package tlbflush_test

import (
	"testing"

	"github.com/mmvet/mmvet/passes/internal/weaken"
	"github.com/mmvet/mmvet/passes/tlbflush"
)

// TestEveryDutyIsNeeded deletes what the contract says of a flush, and sees that the finding which hangs on it is lost.
func TestEveryDutyIsNeeded(t *testing.T) {
	const ptl = "then flush_tlb | queue_flush before release ptl"
	weaken.Run(t, tlbflush.Analyzer, "./passes/tlbflush/testdata/flush", []weaken.Case{
		{In: "op clear_leaf(", Clause: ptl, By: "then flush_tlb | queue_flush before release swap_lock", Lost: "NoFlush"},
		{In: "op clear_leaf(", Clause: ptl, By: "then flush_tlb | queue_flush before release mmap", Lost: "TooLate"},
		{In: "op clear_leaf(", Clause: "then flush_tlb | queue_flush before release pml", By: "then flush_tlb | queue_flush before release mmap", Lost: "MoveHugePmd"},
		{In: "op clear_leaf(", Clause: "then flush_tlb | flush_batched before free_page", By: "then flush_tlb before release mmap", Lost: "FreedBeforeFlush"},
		{In: "op clear_table(", Clause: "then flush_tlb | queue_flush before release pml", By: "then flush_tlb before release mmap", Lost: "MoveNormalPmd"},
		{In: "op write_protect(", Clause: "then flush_tlb | queue_flush before release mmap", By: "then flush_tlb before release swap_lock", Lost: "ChangeProtectionRange"},
		{In: "func change_pte_range(", Clause: "does write_protect(vma) on ret != 0", By: "sleeps", Lost: "ChangeProtectionRange"},
		{In: "func tlb_gather_mmu(", Clause: "begins mmu_gather(mm)", By: "sleeps if !mm", Lost: "Unfinished"},
		{In: "func flush_tlb_range(", Clause: " over start to end", Lost: "Short"},
		{In: "func flush_tlb_range(", Clause: " over start to end", Lost: "Empty"},
		{In: "func ptep_get_and_clear(", Clause: " over addr", Lost: "OtherPage"},
	})
}
