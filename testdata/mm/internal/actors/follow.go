package actors

import . "github.com/mmvet/mmvet/kernelshim"

// FollowPmdMask returns the page at address with a reference, or nil. It looks at the PMD again and again (until
// v4.18, 688272809fcc), and takes what is neither none nor huge for a table.
//
//mm:port follow_pmd_mask mm/gup.c v4.16
func FollowPmdMask(vma *VmAreaStruct, address uint64) *Page {
	mm := vma.VmMm
	pmd := MmFindPmd(mm, address)
	if pmd == nil {
		return nil
	}
	if PmdNone(pmd.Get()) {
		return nil
	}
	if !PmdTransHuge(pmd.Get()) {
		return FollowPagePte(vma, address, pmd)
	}
	ptl := PmdLock(mm, pmd)
	if !PmdPresent(pmd.Get()) {
		SpinUnlock(ptl)
		return nil
	}
	page := NthPage(PmdPage(pmd.Get()), int(address&^HpagePmdMask>>PageShift))
	GetPage(page)
	SpinUnlock(ptl)
	return page
}

// FollowPagePte looks into the table of PTEs, which must be there: as on powerpc, where pmd_bad does not catch none.
//
//mm:port follow_page_pte mm/gup.c v4.16
func FollowPagePte(vma *VmAreaStruct, address uint64, pmd *Word[PmdT]) *Page {
	ptep, ptl := PteOffsetMapLock(vma.VmMm, pmd, address)
	page := (*Page)(nil)
	if pte := PtepGet(ptep); PtePresent(pte) {
		page = VmNormalPage(vma, address, pte)
		GetPage(page)
	}
	PteUnmapUnlock(ptep, ptl)
	return page
}
