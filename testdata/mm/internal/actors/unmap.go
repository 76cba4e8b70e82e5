package actors

import . "github.com/mmvet/mmvet/kernelshim"

// ReclaimFile frees a small page of a file that nobody uses, as shrink_folio_list, mm/vmscan.c, does: it unmaps the page wherever it is
// mapped, and takes it out of the page cache if it is mapped no more.
func ReclaimFile(page *Page) {
	folio := PageFolio(page)
	if !FolioTrylock(folio) {
		return
	}
	RmapWalk(folio, &RmapWalkControl{RmapOne: TryToUnmapFileOne}) // try_to_unmap
	unmapped := !FolioMapped(folio)
	if unmapped {
		WriteOnce(&folio.Mapping.IPages[folio.Index], nil) // __remove_mapping
	}
	FolioUnlock(folio)
	if unmapped {
		PutPage(page)
	}
}

// TryToUnmapFileOne unmaps the page from one VMA. It looks at the entry before it takes the lock, and does not wait for the lock if
// the entry maps nothing: map_pte, mm/page_vma_mapped.c, without PVMW_SYNC.
//
//mm:port try_to_unmap_one mm/rmap.c v4.19
func TryToUnmapFileOne(folio *Folio, vma *VmAreaStruct, address uint64, _ any) bool {
	pmd := MmFindPmd(vma.VmMm, address)
	if pmd == nil || !PmdPresent(PmdpGetLockless(pmd)) {
		return true
	}
	pte := PteOffsetMap(pmd, address)
	if !PtePresent(PtepGetLockless(pte)) {
		PteUnmap(pte)
		return true
	}
	ptl := PteLockptr(vma.VmMm, pmd)
	SpinLock(ptl)
	if page := PtePage(PtepGet(pte)); page != nil && PageFolio(page) == folio {
		PtepClearFlush(vma, address, pte)
		AddMmCounter(vma.VmMm, MmFilepages, -1)
		PageRemoveRmap(page, vma, false)
		PutPage(page)
	}
	PteUnmapUnlock(pte, ptl)
	return true
}
