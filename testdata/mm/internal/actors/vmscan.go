package actors

import . "github.com/mmvet/mmvet/kernelshim"

// ShrinkPageList tries to swap one anonymous page out: unmaps it everywhere, if it is not pinned. Later it would be written, and
// freed if nobody else has a reference; that is left out.
//
//mm:port shrink_page_list mm/vmscan.c v5.18
func ShrinkPageList(page *Page, tryToUnmapOne func(*Folio, *VmAreaStruct, uint64, any) bool) {
	folio := PageFolio(page)
	if !FolioTrylock(folio) {
		return
	}
	if !PageMaybeDmaPinned(page) {
		FolioGet(folio)                                                                           // add_to_swap: the swap cache's reference
		RmapWalk(folio, &RmapWalkControl{RmapOne: tryToUnmapOne, AnonLock: FolioLockAnonVmaRead}) // try_to_unmap
	}
	FolioUnlock(folio)
}
