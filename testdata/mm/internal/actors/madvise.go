package actors

import (
	. "github.com/mmvet/mmvet/kernelshim"
	vma617 "github.com/mmvet/mmvet/testdata/mm/internal/vma617"
)

// MadviseDontneed gives the memory of a range of one VMA back, under the lock of that VMA alone (since v6.17). If a writer has it,
// madvise takes mmap_lock instead, which is left out.
//
//mm:port madvise_dontneed_single_vma mm/madvise.c v6.17
func MadviseDontneed(mm *MmStruct, start, end uint64) {
	var r MmuNotifierRange
	var tlb MmuGather
	vma := vma617.LockVmaUnderRcu(mm, start)
	if vma == nil {
		return
	}
	TlbGatherMmu(&tlb, mm)
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, start, end)
	MmuNotifierInvalidateRangeStart(&r)
	ZapPmdRange(&tlb, vma, start, end)
	// zap_pte_range: reclaim_pt_is_enabled
	if pmd := MmFindPmd(mm, start); pmd != nil && end-start >= PmdSize {
		TryToFreePte(mm, pmd, start, &tlb)
	}
	MmuNotifierInvalidateRangeEnd(&r)
	TlbFinishMmu(&tlb)
	vma617.VmaEndRead(vma)
}

// TryToFreePte frees the table of PTEs for addr if it is empty: with the lock of the entry and its own, whatever else is held.
//
//mm:port try_to_free_pte mm/pt_reclaim.c v6.17
func TryToFreePte(mm *MmStruct, pmd *Word[PmdT], addr uint64, tlb *MmuGather) {
	pml := PmdLock(mm, pmd)
	pmdval := PmdpGetLockless(pmd)
	startPte := PteOffsetMap(pmd, addr) // pte_offset_map_rw_nolock
	if startPte == nil {
		SpinUnlock(pml)
		return
	}
	ptl := PteLockptr(mm, pmd)
	SpinLockNested(ptl, 1)

	// Check if it is empty PTE page
	for i := range PtrsPerPte {
		if !PteNone(PtepGet(PteAdvance(startPte, i))) {
			PteUnmapUnlock(startPte, ptl)
			SpinUnlock(pml)
			return
		}
	}
	PteUnmap(startPte)

	PmdClear(pmd)

	SpinUnlock(ptl)
	SpinUnlock(pml)

	// free_pte
	PteFreeTlb(tlb, PmdPgtable(pmdval), addr)
	MmDecNrPtes(mm)
}
