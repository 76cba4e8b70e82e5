package actors

import . "github.com/mmvet/mmvet/kernelshim"

// CopyPteRange copies the PTEs of a range that lies below one PMD entry to the child, and write-protects both sides.
//
//mm:port copy_pte_range mm/memory.c v5.18
func CopyPteRange(dstVma, srcVma *VmAreaStruct, dstPmd, srcPmd *Word[PmdT], addr, end uint64) {
	if PteAlloc(dstVma.VmMm, dstPmd) != 0 {
		return
	}
	dstPte, dstPtl := PteOffsetMapLock(dstVma.VmMm, dstPmd, addr)
	srcPte := PteOffsetMap(srcPmd, addr)
	srcPtl := PteLockptr(srcVma.VmMm, srcPmd)
	SpinLockNested(srcPtl, 1)
	for i := 0; addr < end; i, addr = i+1, addr+PageSize {
		src := PteAdvance(srcPte, i)
		if pte := src.Get(); PtePresent(pte) {
			CopyPresentPte(dstVma, srcVma, PteAdvance(dstPte, i), src, addr)
		}
	}
	SpinUnlock(srcPtl)
	PteUnmap(srcPte)
	PteUnmapUnlock(dstPte, dstPtl)
}

// CopyPresentPte shares a page with the child, or copies it now if the parent may have pinned it.
//
//mm:port copy_present_pte mm/memory.c v5.18
func CopyPresentPte(dstVma, srcVma *VmAreaStruct, dstPte, srcPte *Word[PteT], addr uint64) {
	pte := srcPte.Get()
	page := VmNormalPage(srcVma, addr, pte)
	if PageNeedsCowForDma(srcVma, page) {
		// copy_present_page
		newPage := AllocPage(LinearPageIndex(dstVma, addr))
		PageAddNewAnonRmap(newPage, dstVma, addr)
		SetPteAt(dstVma.VmMm, addr, dstPte, MkPte(newPage, PageRw))
		return
	}
	GetPage(page)
	PageDupRmap(page, false)
	// If it's a COW mapping, write protect it both in the parent and the child
	if srcVma.VmFlags.Get()&VmShared == 0 && PteWrite(pte) {
		PtepSetWrprotect(srcVma.VmMm, addr, srcPte)
		pte = PteWrprotect(pte)
	}
	SetPteAt(dstVma.VmMm, addr, dstPte, pte)
}
