package actors

import . "github.com/mmvet/mmvet/kernelshim"

// UnmapMappingPages unmaps nr pages of the file from offset start in all VMAs, as truncation and hole punching do.
//
//mm:port unmap_mapping_pages mm/memory.c v6.1
func UnmapMappingPages(mapping *AddressSpace, start, nr uint64) {
	last := start + nr - 1
	IMmapLockRead(mapping)
	for vma := VmaIntervalTreeIterFirst(mapping, start, last); vma != nil; vma = VmaIntervalTreeIterNext(vma, start, last) {
		address := vma.VmStart.Get() + (start-vma.VmPgoff.Get())<<PageShift
		ZapPageRangeSingle(vma, address, nr<<PageShift)
	}
	IMmapUnlockRead(mapping)
}

// ZapPageRangeSingle unmaps a range that lies below one PMD entry.
//
//mm:port zap_page_range_single mm/memory.c v6.1
func ZapPageRangeSingle(vma *VmAreaStruct, address, size uint64) {
	var r MmuNotifierRange
	var tlb MmuGather
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, vma.VmMm, address, address+size)
	TlbGatherMmu(&tlb, vma.VmMm)
	MmuNotifierInvalidateRangeStart(&r)
	ZapPmdRange(&tlb, vma, address, address+size)
	MmuNotifierInvalidateRangeEnd(&r)
	TlbFinishMmu(&tlb)
}

// ZapPmdRange looks for the table of PTEs.
//
//mm:port zap_pmd_range mm/memory.c v6.1
func ZapPmdRange(tlb *MmuGather, vma *VmAreaStruct, addr, end uint64) {
	pmd := MmFindPmd(tlb.Mm, addr)
	if pmd == nil {
		return
	}
	if PmdTransHuge(PmdReadAtomic(pmd)) && end-addr == HpagePmdSize && ZapHugePmd(tlb, vma, pmd, addr) {
		return
	}
	// Here there can be other concurrent MADV_DONTNEED or trans huge page faults running, so go through the test for none.
	if PmdNoneOrTransHugeOrClearBad(pmd) {
		return
	}
	ZapPteRange(tlb, vma, pmd, addr, end)
}

// ZapPteRange clears the PTEs.
//
//mm:port zap_pte_range mm/memory.c v6.1
func ZapPteRange(tlb *MmuGather, vma *VmAreaStruct, pmd *Word[PmdT], addr, end uint64) {
	mm := tlb.Mm
	startPte, ptl := PteOffsetMapLock(mm, pmd, addr)
	if startPte == nil { // since v6.5: there is no table any more
		return
	}
	for i := 0; addr < end; i, addr = i+1, addr+PageSize {
		pte := PteAdvance(startPte, i)
		if PteNone(pte.Get()) {
			continue
		}
		ptent := PtepGetAndClear(mm, addr, pte)
		TlbRemoveTlbEntry(tlb, pte, addr)
		page := VmNormalPage(vma, addr, ptent)
		AddMmCounter(mm, MmCounter(page), -1)
		PageRemoveRmap(page, vma, false)
		TlbRemovePage(tlb, page)
	}
	PteUnmapUnlock(startPte, ptl)
}

// ZapHugePmd unmaps a huge page, if the entry still maps one.
//
//mm:port zap_huge_pmd mm/huge_memory.c v6.1
func ZapHugePmd(tlb *MmuGather, vma *VmAreaStruct, pmd *Word[PmdT], addr uint64) bool {
	ptl := PmdLock(tlb.Mm, pmd)
	if !PmdTransHuge(pmd.Get()) {
		SpinUnlock(ptl)
		return false
	}
	page := PmdPage(PmdpHugeGetAndClear(tlb.Mm, addr, pmd))
	TlbRemovePmdTlbEntry(tlb, pmd, addr)
	PageRemoveRmap(page, vma, true)
	AddMmCounter(tlb.Mm, MmCounter(page), -HpagePmdNr)
	if PageAnon(page) {
		if pgtable := PgtableTransHugeWithdraw(tlb.Mm, pmd); pgtable != nil { // zap_deposited_table
			PteFree(tlb.Mm, pgtable)
			MmDecNrPtes(tlb.Mm)
		}
	}
	SpinUnlock(ptl)
	TlbRemovePage(tlb, page)
	return true
}
