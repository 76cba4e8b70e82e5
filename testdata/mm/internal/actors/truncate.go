package actors

import . "github.com/mmvet/mmvet/kernelshim"

// UnmapMappingRange unmaps nr pages of the file from offset start in all VMAs, as truncation and hole punching do.
//
//mm:port unmap_mapping_pages mm/memory.c v6.1
func UnmapMappingRange(mapping *AddressSpace, start, nr uint64) {
	last := start + nr - 1
	IMmapLockRead(mapping)
	for vma := VmaIntervalTreeIterFirst(mapping, start, last); vma != nil; vma = VmaIntervalTreeIterNext(vma, start, last) {
		zapPageRangeSingle(vma, VmaAddress(vma, start), nr<<PageShift)
	}
	IMmapUnlockRead(mapping)
}

// zapPageRangeSingle unmaps a range that lies below one PMD entry.
//
//mm:port zap_page_range_single mm/memory.c v6.1
func zapPageRangeSingle(vma *VmAreaStruct, address, size uint64) {
	var r MmuNotifierRange
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, vma.VmMm, address, address+size)
	MmuNotifierInvalidateRangeStart(&r)
	zapPmdRange(vma, address, address+size)
	MmuNotifierInvalidateRangeEnd(&r)
}

// zapPmdRange looks for the table of PTEs.
//
//mm:port zap_pmd_range mm/memory.c v6.1
func zapPmdRange(vma *VmAreaStruct, addr, end uint64) {
	pmd := MmFindPmd(vma.VmMm, addr)
	if pmd == nil || PmdNoneOrTransHugeOrClearBad(pmd) {
		return
	}
	zapPteRange(vma, pmd, addr, end)
}

// zapPteRange clears the PTEs, and frees the pages when the TLB is flushed.
//
//mm:port zap_pte_range mm/memory.c v6.1
func zapPteRange(vma *VmAreaStruct, pmd *Word[PmdT], addr, end uint64) {
	mm := vma.VmMm
	var zapped [HpagePmdNr]*Page
	startPte, ptl := PteOffsetMapLock(mm, pmd, addr)
	for i := 0; addr+uint64(i)<<PageShift < end; i++ {
		pte := PteAdvance(startPte, i)
		if PteNone(pte.Get()) {
			continue
		}
		page := VmNormalPage(vma, addr, PtepGetAndClear(mm, addr, pte))
		AddMmCounter(mm, MmFilepages, -1)
		PageRemoveRmap(page, vma, false)
		zapped[i] = page
	}
	FlushTlbRange(vma, addr, end)
	PteUnmapUnlock(startPte, ptl)
	for _, page := range zapped {
		if page != nil {
			PutPage(page)
		}
	}
}
