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
		switch pte := src.Get(); {
		case PtePresent(pte):
			CopyPresentPte(dstVma, srcVma, PteAdvance(dstPte, i), src, addr)
		case !PteNone(pte):
			CopyNonpresentPte(dstVma, srcVma, PteAdvance(dstPte, i), src, addr)
		}
	}
	SpinUnlock(srcPtl)
	PteUnmap(srcPte)
	PteUnmapUnlock(dstPte, dstPtl)
}

// CopyNonpresentPte gives the child the same entry. Neither of the two has the page for itself from now on: it does not ask whether
// the page is pinned, since a page that is pinned is not to be unmapped.
//
//mm:port copy_nonpresent_pte mm/memory.c v5.19
func CopyNonpresentPte(dstVma, srcVma *VmAreaStruct, dstPte, srcPte *Word[PteT], addr uint64) {
	pte := srcPte.Get()
	entry := PteToSwpEntry(pte)
	switch {
	case !IsMigrationEntry(entry) && PteSwpExclusive(pte):
		pte = PteSwpClearExclusive(pte)
		SetPteAt(srcVma.VmMm, addr, srcPte, pte)
	case IsMigrationEntry(entry) && !IsReadableMigrationEntry(entry):
		// COW mappings require pages in both parent and child to be set to read. A previously exclusive entry is now shared.
		pte = SwpEntryToPte(MakeReadableMigrationEntry(PfnSwapEntryToPage(entry)))
		SetPteAt(srcVma.VmMm, addr, srcPte, pte)
	}
	SetPteAt(dstVma.VmMm, addr, dstPte, pte)
}

// CopyPresentPte shares a page with the child, or copies it now if the parent may have pinned it. Since v5.19 it asks only for pages
// that the parent has for itself.
//
//mm:port copy_present_pte mm/memory.c v5.18
func CopyPresentPte(dstVma, srcVma *VmAreaStruct, dstPte, srcPte *Word[PteT], addr uint64) {
	pte := srcPte.Get()
	page := VmNormalPage(srcVma, addr, pte)
	if (!Since(5, 19) || PageAnonExclusive(page)) && PageNeedsCowForDma(srcVma, page) {
		// copy_present_page
		newPage := AllocPage(LinearPageIndex(dstVma, addr))
		PageAddNewAnonRmap(newPage, dstVma, addr)
		setExclusive(newPage)
		SetPteAt(dstVma.VmMm, addr, dstPte, MkPte(newPage, PageRw))
		return
	}
	if Since(5, 19) {
		ClearPageAnonExclusive(page) // page_try_dup_anon_rmap
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

// DupMmap is dup_mmap, kernel/fork.c, for a VMA that has its copy in the child already: copies its page tables.
//
//mm:port dup_mmap kernel/fork.c v5.18
func DupMmap(dstVma, srcVma *VmAreaStruct, copyPageRange func(dstVma, srcVma *VmAreaStruct) int) {
	MmapWriteLock(srcVma.VmMm)
	MmapWriteLockNested(dstVma.VmMm, 1)
	copyPageRange(dstVma, srcVma)
	MmapWriteUnlock(dstVma.VmMm)
	MmapWriteUnlock(srcVma.VmMm)
}
