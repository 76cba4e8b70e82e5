package actors

import . "github.com/mmvet/mmvet/kernelshim"

// FolioReferenced counts the places that map the folio and were used since the last time, as reclaim does.
//
//mm:port folio_referenced mm/rmap.c v6.1
func FolioReferenced(folio *Folio) (referenced int) {
	FolioLock(folio)
	RmapWalk(folio, &RmapWalkControl{RmapOne: func(folio *Folio, vma *VmAreaStruct, addr uint64) bool {
		referenced += folioReferencedOne(folio, vma, addr)
		return true
	}})
	FolioUnlock(folio)
	return referenced
}

// folioReferencedOne looks at one VMA.
//
//mm:port folio_referenced_one mm/rmap.c v6.1
func folioReferencedOne(folio *Folio, vma *VmAreaStruct, addr uint64) (referenced int) {
	pvmw := PageVmaMappedWalkState{Folio: folio, Vma: vma, Address: addr}
	for PageVmaMappedWalk(&pvmw) {
		if PtepTestAndClearYoung(vma, pvmw.Address, pvmw.Pte) {
			referenced++
		}
	}
	return referenced
}
