package actors

import . "github.com/mmvet/mmvet/kernelshim"

// Pages is the array that GUP fills, here of one page, and what the invariants want to know of the moment at which it was pinned.
type Pages struct {
	Page *Page
	seq  uint32 // write_protect_seq when the pin had been taken
}

// String describes the argument in traces.
func (pages *Pages) String() string { return "pages" }

// GupPgdRange walks to one page, with interrupts off, and takes a reference or a pin. It returns how many pages it found.
//
//mm:port gup_pgd_range mm/gup.c v5.18
func GupPgdRange(mm *MmStruct, addr uint64, flags uint, pages *Pages) int {
	pmdp := MmFindPmd(mm, addr)
	if pmdp == nil {
		return 0
	}
	pmd := PmdpGetLockless(pmdp)
	if !PmdPresent(pmd) || PmdLeaf(pmd) {
		return 0
	}
	ptep := PteOf(pmd, addr)
	pte := PtepGetLockless(ptep)
	if !PtePresent(pte) || PteProtnone(pte) || flags&FollWrite != 0 && !PteWrite(pte) {
		return 0
	}
	page := PtePage(pte)
	folio := TryGrabCompoundHead(page, flags)
	if folio == nil {
		return 0
	}
	pages.seq = ReadOnce(&mm.WriteProtectSeq.Sequence)
	if !PteSame(pte, PtepGetLockless(ptep)) || Since(5, 19) && !PteWrite(pte) && GupMustUnshare(flags, page) {
		GupPutFolio(folio, flags)
		return 0
	}
	pages.Page = page
	return 1
}

// PinUserPagesFast pins the page at addr: by GUP-fast, or under mmap_lock if that fails. It returns nil if there is no VMA. Since v5.19
// GUP pins no anonymous page that is not exclusive to the process.
//
//mm:port pin_user_pages_fast mm/gup.c v5.18
func PinUserPagesFast(mm *MmStruct, addr uint64, flags uint) *Page {
	var pages Pages
	LocalIrqSave()
	n := GupPgdRange(mm, addr, flags, &pages)
	LocalIrqRestore()
	if n > 0 {
		return pages.Page
	}
	MmapReadLock(mm)
	defer MmapReadUnlock(mm)
	for vma := FindVma(mm, addr); vma != nil; {
		page, entry := followPagePte(mm, addr, flags)
		if page != nil {
			return page
		}
		// faultin_page. FAULT_FLAG_UNSHARE copies like a write; here it also lets the page be written.
		HandlePteFault(vma, addr, flags&FollWrite != 0 || PtePresent(entry) && !PteProtnone(entry))
	}
	return nil
}

// followPagePte is follow_page_pte, mm/gup.c: takes the page that the PTE maps, if it may be.
func followPagePte(mm *MmStruct, addr uint64, flags uint) (*Page, PteT) {
	pte, ptl := PteOffsetMapLock(mm, MmFindPmd(mm, addr), addr)
	defer PteUnmapUnlock(pte, ptl)
	entry := PtepGet(pte)
	if !PtePresent(entry) || PteProtnone(entry) || flags&FollWrite != 0 && !PteWrite(entry) {
		return nil, entry
	}
	if Since(5, 19) && !PteWrite(entry) && GupMustUnshare(flags, PtePage(entry)) {
		return nil, entry
	}
	page := PtePage(entry)
	TryGrabCompoundHead(page, flags)
	return page, entry
}

// GupMustUnshare says whether a page that is mapped read-only may be shared with another process, so that a write would go to a
// copy.
//
//mm:port gup_must_unshare include/linux/mm.h v6.1
func GupMustUnshare(flags uint, page *Page) bool {
	if flags&(FollWrite|FollPin) != FollPin || !PageAnon(page) {
		return false
	}
	// Paired with a memory barrier in page_try_share_anon_rmap(): the PTE has been read again.
	SmpRmb()
	return !PageAnonExclusive(page)
}
