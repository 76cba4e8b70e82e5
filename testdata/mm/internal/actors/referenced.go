package actors

import . "github.com/mmvet/mmvet/kernelshim"

// ShrinkFolio asks whether a folio is in use, as reclaim does with those of its list: the folio is locked.
func ShrinkFolio(folio *Folio) (referenced int) {
	FolioLock(folio)
	referenced = FolioReferenced(folio, true, nil)
	FolioUnlock(folio)
	return referenced
}

// ShrinkInactiveList is what shrink_inactive_list, mm/vmscan.c, does with one folio that it does not free: takes it off its
// list, looks whether it is in use, and puts it back.
func ShrinkInactiveList(cpu *Cpu, folio *Folio) {
	if !IsolateLruFolio(folio) {
		return
	}
	FolioLock(folio)
	FolioReferenced(folio, true, cpu)
	FolioUnlock(folio)
	FolioPutbackLru(folio)
	LruAddDrain(cpu)
}

// A FolioReferencedArg is struct folio_referenced_arg, mm/rmap.c.
type FolioReferencedArg struct {
	Referenced int
	cpu        *Cpu
}

// FolioReferenced counts the places that map the folio and were used since the last time.
//
//mm:port folio_referenced mm/rmap.c v6.1
func FolioReferenced(folio *Folio, isLocked bool, cpu *Cpu) int {
	pra := FolioReferencedArg{cpu: cpu}
	rwc := RmapWalkControl{RmapOne: FolioReferencedOne, Arg: &pra, AnonLock: FolioLockAnonVmaRead}
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
		if vma.VmFlags.Get()&VmLocked != 0 {
			// Restore the mlock which got missed
			MlockVmaFolio(folio, vma, pra.cpu)
			PageVmaMappedWalkDone(&pvmw)
			return false // To break the loop
		}
		if PtepTestAndClearYoung(vma, address, pvmw.Pte) {
			pra.Referenced++
		}
	}
	return true
}
