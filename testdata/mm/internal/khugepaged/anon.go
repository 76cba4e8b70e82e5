package khugepaged

import . "github.com/mmvet/mmvet/kernelshim"

// CheckPmdStillValid says whether pmd is still the entry for address, and points to a table.
//
//mm:port check_pmd_still_valid mm/khugepaged.c v6.17
func CheckPmdStillValid(mm *MmStruct, address uint64, pmd *Word[PmdT]) int {
	c := Enter("check_pmd_still_valid", mm, address, pmd)
	newPmd, result := FindPmdOrThpOrNone(mm, address)
	if result == ScanSucceed && newPmd != pmd {
		result = ScanFail
	}
	return Leave(c, result)
}

// IsolatePages is pte_offset_map_lock of the table that was taken out, and __collapse_huge_page_isolate, as far as it looks at entries:
// ScanPmdNull if there is no table, ScanPteNonPresent if not all pages are mapped (max_ptes_none is 0), ScanPageCount if somebody
// else has a reference.
func IsolatePages(vma *VmAreaStruct, address uint64, pmd PmdT) int {
	if PmdNone(pmd) {
		return ScanPmdNull
	}
	for i := range HpagePmdNr {
		pte := PtepGet(PteOf(pmd, address+uint64(i)*PageSize))
		if !PtePresent(pte) {
			return ScanPteNonPresent
		}
		if page := VmNormalPage(vma, address, pte); AtomicRead(&page.Folio.Refcount) != PageMapcount(page) {
			return ScanPageCount
		}
	}
	return ScanSucceed
}

// CopyPages is __collapse_huge_page_copy: the small pages are unmapped, and given back.
func CopyPages(vma *VmAreaStruct, address uint64, pmd PmdT) {
	for i := range HpagePmdNr {
		pte := PteOf(pmd, address+uint64(i)*PageSize)
		page := VmNormalPage(vma, address, PtepGet(pte))
		PteClear(vma.VmMm, address+uint64(i)*PageSize, pte)
		PageRemoveRmap(page, vma, false)
		PutPage(page)
	}
}

// InstallHugePage is the end of collapse_huge_page: the huge page is mapped, and the table kept for when it is split.
func InstallHugePage(vma *VmAreaStruct, address uint64, pmd *Word[PmdT], hpage *Page, pgtable PgtableT) {
	pmdPtl := PmdLock(vma.VmMm, pmd)
	BugOn(!PmdNone(pmd.Get()))
	PageAddNewAnonRmap(hpage, vma, address)
	PgtableTransHugeDeposit(vma.VmMm, pmd, pgtable)
	SetPmdAt(vma.VmMm, address, pmd, MkHugePmd(hpage, PageRw))
	SpinUnlock(pmdPtl)
}
