package kernelshim

import "fmt"

// An RmapWalkControl is struct rmap_walk_control, include/linux/rmap.h: what to do with each place that may map a folio.
type RmapWalkControl struct {
	RmapOne func(folio *Folio, vma *VmAreaStruct, addr uint64, arg any) bool // false ends the walk
	Done    func(folio *Folio) bool                                          // true ends the walk; may be nil
	Arg     any                                                              // for RmapOne

	// AnonLock finds and locks the anon_vma of an anonymous folio that need not be mapped any more. Nil: the caller has made
	// sure that it has one, and it is just locked.
	AnonLock func(folio *Folio, rwc *RmapWalkControl) *AnonVma
}

// String describes the argument in traces.
func (rwc *RmapWalkControl) String() string { return "rwc" }

// RmapWalk is rmap_walk, mm/rmap.c: calls rwc.RmapOne for every VMA that may map the folio, under the lock of its reverse
// map: the anon_vma's for an anonymous folio, the mapping's i_mmap_rwsem for one of a file. May sleep.
func RmapWalk(folio *Folio, rwc *RmapWalkControl) {
	defer enter("rmap_walk", folio, rwc).leave()
	if FolioTestAnon(folio) {
		rmapWalkAnon(folio, rwc)
	} else {
		rmapWalkFile(folio, rwc)
	}
}

func rmapWalkAnon(folio *Folio, rwc *RmapWalkControl) {
	anonVma := rmapWalkAnonLock(folio, rwc)
	if anonVma == nil {
		return
	}
	last := folio.Index + uint64(len(folio.pages)) - 1
	for avc := AnonVmaIntervalTreeIterFirst(anonVma, folio.Index, last); avc != nil; avc = AnonVmaIntervalTreeIterNext(avc, folio.Index, last) {
		if !rmapOne(folio, avc.Vma, rwc) {
			break
		}
	}
	AnonVmaUnlockRead(anonVma)
}

// rmapWalkAnonLock is rmap_walk_anon_lock, mm/rmap.c.
func rmapWalkAnonLock(folio *Folio, rwc *RmapWalkControl) *AnonVma {
	if rwc.AnonLock != nil {
		return rwc.AnonLock(folio, rwc)
	}
	anonVma := ReadOnce(&folio.AnonVma)
	if anonVma != nil {
		AnonVmaLockRead(anonVma)
	}
	return anonVma
}

func rmapWalkFile(folio *Folio, rwc *RmapWalkControl) {
	mapping := folio.Mapping
	IMmapLockRead(mapping)
	last := folio.Index + uint64(len(folio.pages)) - 1
	for vma := VmaIntervalTreeIterFirst(mapping, folio.Index, last); vma != nil; vma = VmaIntervalTreeIterNext(vma, folio.Index, last) {
		if !rmapOne(folio, vma, rwc) {
			break
		}
	}
	IMmapUnlockRead(mapping)
}

func rmapOne(folio *Folio, vma *VmAreaStruct, rwc *RmapWalkControl) bool {
	return rwc.RmapOne(folio, vma, VmaAddress(vma, folio.Index), rwc.Arg) && (rwc.Done == nil || !rwc.Done(folio))
}

// FolioMapped is folio_mapped, include/linux/mm.h: whether any PTE maps a page of the folio. Unordered.
func FolioMapped(folio *Folio) bool {
	for i := range folio.pages {
		if PageMapcount(&folio.pages[i]) > 0 {
			return true
		}
	}
	return false
}

// FolioLockAnonVmaRead is folio_lock_anon_vma_read, mm/rmap.c: the folio's anon_vma, locked for reading, or nil if the folio
// is not mapped any more. The anon_vma of a mapped folio cannot go; until that is known RCU keeps its memory an anon_vma's,
// and then a reference. May sleep.
func FolioLockAnonVmaRead(folio *Folio, rwc *RmapWalkControl) *AnonVma {
	c := enter("folio_lock_anon_vma_read", folio, rwc)
	return leave(c, folioLockAnonVmaRead(folio))
}

func folioLockAnonVmaRead(folio *Folio) *AnonVma {
	RcuReadLock()
	anonVma := ReadOnce(&folio.AnonVma)
	if anonVma == nil || !FolioMapped(folio) {
		RcuReadUnlock()
		return nil
	}
	if DownReadTrylock(&anonVma.Root.Rwsem) {
		if !FolioMapped(folio) {
			UpRead(&anonVma.Root.Rwsem)
			anonVma = nil
		}
		RcuReadUnlock()
		return anonVma
	}
	if !AtomicIncNotZero(&anonVma.Refcount) {
		RcuReadUnlock()
		return nil
	}
	mapped := FolioMapped(folio)
	RcuReadUnlock()
	if !mapped {
		PutAnonVma(anonVma)
		return nil
	}
	AnonVmaLockRead(anonVma)
	if AtomicDecAndTest(&anonVma.Refcount) {
		AnonVmaUnlockRead(anonVma)
		putAnonVma(anonVma)
		return nil
	}
	return anonVma
}

// A PageVmaMappedWalkState is struct page_vma_mapped_walk, include/linux/rmap.h: the state of the task's search for the place
// where a VMA maps a folio.
type PageVmaMappedWalkState struct {
	Folio   *Folio
	Vma     *VmAreaStruct
	Address uint64
	Pmd     *Word[PmdT]
	Pte     *Word[PteT]
	Ptl     *Spinlock
	Flags   int
}

// Transient says that the struct changes while its task runs: the simulator looks at it where the task stops.
func (*PageVmaMappedWalkState) Transient() {}

// PvmwMigration is the flag PVMW_MIGRATION, include/linux/rmap.h: look for migration entries of the folio.
const PvmwMigration = 2

// String describes the argument in traces.
func (pvmw *PageVmaMappedWalkState) String() string {
	return fmt.Sprintf("%s in %s", pvmw.Folio, pvmw.Vma)
}

// PageVmaMappedWalk is page_vma_mapped_walk, mm/page_vma_mapped.c, for a small folio: walks to the PMD under the lock of a
// reverse map, locks the table of PTEs and looks. True: the entry pvmw.Pte maps the folio and pvmw.Ptl is held. Each call
// goes on after the last; the last gives the lock back.
func PageVmaMappedWalk(pvmw *PageVmaMappedWalkState) bool {
	c := enter("page_vma_mapped_walk", pvmw)
	if pvmw.Pte != nil {
		PageVmaMappedWalkDone(pvmw)
		return leave(c, false)
	}
	pvmw.Pmd = MmFindPmd(pvmw.Vma.VmMm, pvmw.Address)
	if pvmw.Pmd == nil {
		return leave(c, false)
	}
	if pmde := ReadOnce(pvmw.Pmd); !PmdPresent(pmde) || PmdLeaf(pmde) {
		return leave(c, false)
	}
	pvmw.Pte, pvmw.Ptl = PteOffsetMapLock(pvmw.Vma.VmMm, pvmw.Pmd, pvmw.Address)
	if pvmw.Pte == nil {
		return leave(c, false)
	}
	if pvmw.found(PtepGet(pvmw.Pte)) {
		return leave(c, true)
	}
	PageVmaMappedWalkDone(pvmw)
	return leave(c, false)
}

// found is check_pte, mm/page_vma_mapped.c.
func (pvmw *PageVmaMappedWalkState) found(pte PteT) bool {
	if pvmw.Flags&PvmwMigration != 0 {
		entry := PteToSwpEntry(pte)
		return IsMigrationEntry(entry) && entry.Page.Folio == pvmw.Folio
	}
	return PtePresent(pte) && pte.Page.Folio == pvmw.Folio
}

// PageVmaMappedWalkDone is page_vma_mapped_walk_done, include/linux/rmap.h: gives the lock back early.
func PageVmaMappedWalkDone(pvmw *PageVmaMappedWalkState) {
	defer enter("page_vma_mapped_walk_done", pvmw).leave()
	if pvmw.Pte != nil {
		PteUnmapUnlock(pvmw.Pte, pvmw.Ptl)
		pvmw.Pte, pvmw.Ptl = nil, nil
	}
}
