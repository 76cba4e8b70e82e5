package actors

import . "github.com/mmvet/mmvet/kernelshim"

// ShrinkFolio asks whether a folio is in use, as reclaim does with those of its list: the folio is locked.
func ShrinkFolio(folio *Folio) (referenced int) {
	FolioLock(folio)
	referenced = FolioReferenced(folio, true)
	FolioUnlock(folio)
	return referenced
}

// A FolioReferencedArg is struct folio_referenced_arg, mm/rmap.c.
type FolioReferencedArg struct{ Referenced int }

// FolioReferenced counts the places that map the folio and were used since the last time.
//
//mm:port folio_referenced mm/rmap.c v6.1
func FolioReferenced(folio *Folio, isLocked bool) int {
	var pra FolioReferencedArg
	rwc := RmapWalkControl{RmapOne: FolioReferencedOne, Arg: &pra}
	weLocked := false
	if !isLocked && !FolioTestAnon(folio) {
		weLocked = FolioTrylock(folio)
		if !weLocked {
			return 1
		}
	}
	RmapWalk(folio, &rwc)
	if weLocked {
		FolioUnlock(folio)
	}
	return pra.Referenced
}

// FolioReferencedOne looks at one VMA.
//
//mm:port folio_referenced_one mm/rmap.c v6.1
func FolioReferencedOne(folio *Folio, vma *VmAreaStruct, address uint64, arg any) bool {
	pra := arg.(*FolioReferencedArg)
	pvmw := PageVmaMappedWalkState{Folio: folio, Vma: vma, Address: address}
	for PageVmaMappedWalk(&pvmw) {
		if PtepTestAndClearYoung(vma, address, pvmw.Pte) {
			pra.Referenced++
		}
	}
	return true
}
