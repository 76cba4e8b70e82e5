// Package flush clears page-table entries, and flushes the TLB in time or not.
//
//mm:kernel v6.1
package flush

import . "github.com/mmvet/mmvet/kernelshim"

//mm:port __free_pages mm/page_alloc.c v6.1
func FreePages(page *Page, order int)

// NoFlush drops the page-table lock with the old translation still in use.
func NoFlush(mm *MmStruct, pmd *Word[PmdT], addr uint64) {
	pte, ptl := PteOffsetMapLock(mm, pmd, addr)
	PtepGetAndClear(mm, addr, pte)
	PteUnmapUnlock(pte, ptl) // want `tlbflush: clear_leaf must be followed by flush_tlb or queue_flush before ptl is released`
}

func Flushed(vma *VmAreaStruct, pmd *Word[PmdT], addr uint64) {
	pte, ptl := PteOffsetMapLock(vma.VmMm, pmd, addr)
	PtepGetAndClear(vma.VmMm, addr, pte)
	FlushTlbPage(vma, addr)
	PteUnmapUnlock(pte, ptl)
}

func ClearFlush(vma *VmAreaStruct, pmd *Word[PmdT], addr uint64) {
	pte, ptl := PteOffsetMapLock(vma.VmMm, pmd, addr)
	PtepClearFlush(vma, addr, pte)
	PteUnmapUnlock(pte, ptl)
}

// TooLate flushes when others may have seen that the entry is gone, and acted upon it.
func TooLate(vma *VmAreaStruct, pmd *Word[PmdT], addr uint64) {
	pte, ptl := PteOffsetMapLock(vma.VmMm, pmd, addr)
	PtepGetAndClear(vma.VmMm, addr, pte)
	PteUnmapUnlock(pte, ptl) // want `tlbflush: clear_leaf must be followed by flush_tlb or queue_flush before ptl is released`
	FlushTlbPage(vma, addr)
}

// MovePtes flushes only if it has moved something that was present, as move_ptes does.
func MovePtes(vma *VmAreaStruct, oldPmd, newPmd *Word[PmdT], oldAddr, newAddr, end uint64) {
	mm := vma.VmMm
	forceFlush := false
	oldPte, oldPtl := PteOffsetMapLock(mm, oldPmd, oldAddr)
	newPte := PteOffsetMap(newPmd, newAddr)
	if pte := PtepGet(oldPte); !PteNone(pte) {
		PtepGetAndClear(mm, oldAddr, oldPte)
		forceFlush = true
		SetPteAt(mm, newAddr, newPte, pte)
	}
	if forceFlush {
		FlushTlbRange(vma, oldAddr, end)
	}
	PteUnmap(newPte)
	PteUnmapUnlock(oldPte, oldPtl)
}

// MovePtesUnlocked is the same with the flush behind the unlock ("mremap: properly flush TLB before releasing the page",
// eb66ae030829, v4.19).
func MovePtesUnlocked(vma *VmAreaStruct, oldPmd, newPmd *Word[PmdT], oldAddr, newAddr, end uint64) {
	mm := vma.VmMm
	forceFlush := false
	oldPte, oldPtl := PteOffsetMapLock(mm, oldPmd, oldAddr)
	newPte := PteOffsetMap(newPmd, newAddr)
	if pte := PtepGet(oldPte); !PteNone(pte) {
		PtepGetAndClear(mm, oldAddr, oldPte)
		forceFlush = true
		SetPteAt(mm, newAddr, newPte, pte)
	}
	PteUnmap(newPte)
	PteUnmapUnlock(oldPte, oldPtl) // want `tlbflush: clear_leaf must be followed by flush_tlb or queue_flush before ptl is released`
	if forceFlush {
		FlushTlbRange(vma, oldAddr, end)
	}
}

// MoveHugePmd moves a huge page without a flush.
func MoveHugePmd(vma *VmAreaStruct, oldPmd, newPmd *Word[PmdT], oldAddr, newAddr uint64) {
	ptl := PmdLock(vma.VmMm, oldPmd)
	pmd := PmdpHugeGetAndClear(vma.VmMm, oldAddr, oldPmd)
	newPmd.Set(pmd)
	SpinUnlock(ptl) // want `tlbflush: clear_leaf must be followed by flush_tlb or queue_flush before pml is released`
}

func MoveHugePmdFlushed(vma *VmAreaStruct, oldPmd, newPmd *Word[PmdT], oldAddr, newAddr uint64) {
	ptl := PmdLock(vma.VmMm, oldPmd)
	pmd := PmdpHugeGetAndClear(vma.VmMm, oldAddr, oldPmd)
	newPmd.Set(pmd)
	FlushTlbRange(vma, oldAddr, oldAddr+HpagePmdSize)
	SpinUnlock(ptl)
}

// MoveNormalPmd moves a whole table.
func MoveNormalPmd(vma *VmAreaStruct, oldPmd, newPmd *Word[PmdT], oldAddr uint64) {
	MmapWriteLock(vma.VmMm)
	IMmapLockWrite(vma.VmFile.FMapping)
	ptl := PmdLock(vma.VmMm, oldPmd)
	pmd := PmdpGet(oldPmd)
	PmdClear(oldPmd)
	PmdPopulate(vma.VmMm, newPmd, PmdPgtable(pmd))
	SpinUnlock(ptl) // want `tlbflush: clear_table must be followed by flush_tlb or queue_flush before pml is released`
	IMmapUnlockWrite(vma.VmFile.FMapping)
	MmapWriteUnlock(vma.VmMm)
}

func MoveNormalPmdFlushed(vma *VmAreaStruct, oldPmd, newPmd *Word[PmdT], oldAddr uint64) {
	MmapWriteLock(vma.VmMm)
	IMmapLockWrite(vma.VmFile.FMapping)
	ptl := PmdLock(vma.VmMm, oldPmd)
	pmd := PmdpGet(oldPmd)
	PmdClear(oldPmd)
	PmdPopulate(vma.VmMm, newPmd, PmdPgtable(pmd))
	FlushTlbRange(vma, oldAddr, oldAddr+PmdSize)
	SpinUnlock(ptl)
	IMmapUnlockWrite(vma.VmFile.FMapping)
	MmapWriteUnlock(vma.VmMm)
}

// Zap gathers what it unmaps: the flush comes with tlb_finish_mmu, before the pages are freed.
func Zap(vma *VmAreaStruct, pmd *Word[PmdT], addr uint64) {
	var tlb MmuGather
	TlbGatherMmu(&tlb, vma.VmMm)
	pte, ptl := PteOffsetMapLock(vma.VmMm, pmd, addr)
	ptent := PtepGetAndClear(vma.VmMm, addr, pte)
	TlbRemoveTlbEntry(&tlb, pte, addr)
	TlbRemovePage(&tlb, VmNormalPage(vma, addr, ptent))
	PteUnmapUnlock(pte, ptl)
	TlbFinishMmu(&tlb)
}

// Unfinished leaves without tlb_finish_mmu on one path: what was gathered is never flushed or freed.
func Unfinished(vma *VmAreaStruct, pmd *Word[PmdT], addr uint64) {
	var tlb MmuGather
	TlbGatherMmu(&tlb, vma.VmMm)
	pte, ptl := PteOffsetMapLock(vma.VmMm, pmd, addr)
	if PteNone(PtepGet(pte)) {
		PteUnmapUnlock(pte, ptl)
		return // want `tlbflush: mmu_gather\(.*\) is still held at the end`
	}
	PtepGetAndClear(vma.VmMm, addr, pte)
	TlbRemoveTlbEntry(&tlb, pte, addr)
	PteUnmapUnlock(pte, ptl)
	TlbFinishMmu(&tlb)
}

// FreedBeforeFlush frees the page while CPUs may still write to it.
func FreedBeforeFlush(vma *VmAreaStruct, pte *Word[PteT], addr uint64) {
	ptent := PtepGetAndClear(vma.VmMm, addr, pte)
	FreePages(PtePage(ptent), 0) // want `tlbflush: clear_leaf must be followed by flush_tlb or flush_batched before free_page`
	FlushTlbPage(vma, addr)
}

func FreedAfterFlush(vma *VmAreaStruct, pte *Word[PteT], addr uint64) {
	ptent := PtepGetAndClear(vma.VmMm, addr, pte)
	FlushTlbPage(vma, addr)
	FreePages(PtePage(ptent), 0)
}

// OtherPage flushes the page behind the one that it cleared.
func OtherPage(vma *VmAreaStruct, pmd *Word[PmdT], addr uint64) {
	pte, ptl := PteOffsetMapLock(vma.VmMm, pmd, addr)
	PtepGetAndClear(vma.VmMm, addr, pte)
	FlushTlbPage(vma, addr+PageSize)
	PteUnmapUnlock(pte, ptl) // want `tlbflush: clear_leaf must be followed by flush_tlb or queue_flush before ptl is released`
}

// Empty flushes a range without pages.
func Empty(vma *VmAreaStruct, pmd *Word[PmdT], addr uint64) {
	pte, ptl := PteOffsetMapLock(vma.VmMm, pmd, addr)
	PtepGetAndClear(vma.VmMm, addr, pte)
	FlushTlbRange(vma, addr, addr)
	PteUnmapUnlock(pte, ptl) // want `tlbflush: clear_leaf must be followed by flush_tlb or queue_flush before ptl is released`
}

// Short flushes a range that ends before the second of two pages.
func Short(vma *VmAreaStruct, pmd *Word[PmdT], addr uint64) {
	pte, ptl := PteOffsetMapLock(vma.VmMm, pmd, addr)
	PtepGetAndClear(vma.VmMm, addr, pte)
	PtepGetAndClear(vma.VmMm, addr+PageSize, PteAdvance(pte, 1))
	FlushTlbRange(vma, addr, addr+PageSize)
	PteUnmapUnlock(pte, ptl) // want `tlbflush: clear_leaf must be followed by flush_tlb or queue_flush before ptl is released`
}

func Whole(vma *VmAreaStruct, pmd *Word[PmdT], addr uint64) {
	pte, ptl := PteOffsetMapLock(vma.VmMm, pmd, addr)
	PtepGetAndClear(vma.VmMm, addr, pte)
	PtepGetAndClear(vma.VmMm, addr+PageSize, PteAdvance(pte, 1))
	FlushTlbRange(vma, addr, addr+2*PageSize)
	PteUnmapUnlock(pte, ptl)
}

// Loop clears a range page by page and flushes up to where it came.
func Loop(vma *VmAreaStruct, pmd *Word[PmdT], start, end uint64) {
	pte, ptl := PteOffsetMapLock(vma.VmMm, pmd, start)
	addr := start
	for i := 0; addr < end; i, addr = i+1, addr+PageSize {
		PtepGetAndClear(vma.VmMm, addr, PteAdvance(pte, i))
	}
	FlushTlbRange(vma, start, addr)
	PteUnmapUnlock(pte, ptl)
}
