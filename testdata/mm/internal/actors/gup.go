package actors

import . "github.com/mmvet/mmvet/kernelshim"

// GupPgdRange walks to one page, with interrupts off, and takes a reference or a pin. It is that of v5.18, which does not know
// PG_anon_exclusive.
//
//mm:port gup_pgd_range mm/gup.c v5.18
func GupPgdRange(mm *MmStruct, addr uint64, flags uint) *Page {
	pmdp := MmFindPmd(mm, addr)
	if pmdp == nil {
		return nil
	}
	pmd := PmdpGetLockless(pmdp)
	if !PmdPresent(pmd) || PmdLeaf(pmd) {
		return nil
	}
	ptep := PteOf(pmd, addr)
	pte := PtepGetLockless(ptep)
	if !PtePresent(pte) || PteProtnone(pte) || flags&FollWrite != 0 && !PteWrite(pte) {
		return nil
	}
	page := PtePage(pte)
	folio := TryGrabCompoundHead(page, flags)
	if folio == nil {
		return nil
	}
	if !PteSame(pte, PtepGetLockless(ptep)) {
		GupPutFolio(folio, flags)
		return nil
	}
	return page
}

// PinUserPagesFast pins the page at addr: by GUP-fast, or under mmap_lock if that fails. unshare says whether GUP is that of v5.19,
// which pins no anonymous page that is not exclusive to the process.
//
//mm:port pin_user_pages_fast mm/gup.c v5.19
func PinUserPagesFast(mm *MmStruct, addr uint64, flags uint, unshare bool) *Page {
	LocalIrqSave()
	page := GupPgdRange(mm, addr, flags)
	if page != nil && unshare && GupMustUnshare(flags, page) {
		GupPutFolio(PageFolio(page), flags)
		page = nil
	}
	LocalIrqRestore()
	if page != nil {
		return page
	}
	MmapReadLock(mm)
	defer MmapReadUnlock(mm)
	vma := FindVma(mm, addr)
	for vma != nil && page == nil {
		// follow_page_mask, or faultin_page
		pte, ptl := PteOffsetMapLock(mm, MmFindPmd(mm, addr), addr)
		entry := PtepGet(pte)
		write := flags&FollWrite != 0
		if PtePresent(entry) && (!write || PteWrite(entry)) && !(unshare && !PteWrite(entry) && GupMustUnshare(flags, PtePage(entry))) {
			page = PtePage(entry)
			TryGrabCompoundHead(page, flags)
		}
		PteUnmapUnlock(pte, ptl)
		if page == nil {
			// FAULT_FLAG_UNSHARE copies like a write; here it also lets the page be written.
			HandlePteFault(vma, addr, write || unshare && PtePresent(entry), unshare)
		}
	}
	return page
}

// GupMustUnshare says whether a page that is mapped read-only may be shared with another process, so that a write would go to a
// copy.
//
//mm:port gup_must_unshare include/linux/mm.h v5.19
func GupMustUnshare(flags uint, page *Page) bool {
	if flags&(FollWrite|FollPin) != FollPin || !PageAnon(page) {
		return false
	}
	return !PageAnonExclusive(page)
}
