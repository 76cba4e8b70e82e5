// Package khugepaged holds ports of what the functions of mm/khugepaged.c share, for stories about them.
//
//mm:kernel v6.1
package khugepaged

import . "github.com/mmvet/mmvet/kernelshim"

// Results of a scan: enum scan_result, mm/khugepaged.c.
const (
	ScanFail = iota
	ScanSucceed
	ScanPmdNull
	ScanPmdNone
	ScanPmdMapped
	ScanPteNonPresent
	ScanPteUffdWp
	ScanPteMappedHugepage
	ScanPageNull
	ScanPageCount
	ScanPageAnon
	ScanPageCompound
	ScanAnyProcess
	ScanVmaCheck
)

// A CollapseControl is struct collapse_control: who collapses.
type CollapseControl struct {
	IsKhugepaged bool // or MADV_COLLAPSE
}

// FindPmdOrThpOrNone looks up the PMD entry for address and says what it is. The entry is nil if a table above is missing.
// To be called under a lock that lets page walks start.
//
//mm:port find_pmd_or_thp_or_none mm/khugepaged.c v6.1
func FindPmdOrThpOrNone(mm *MmStruct, address uint64) (pmd *Word[PmdT], result int) {
	pmd = MmFindPmd(mm, address)
	if pmd == nil {
		return nil, ScanPmdNull
	}
	pmde := PmdReadAtomic(pmd)
	Barrier()
	if PmdNone(pmde) {
		return pmd, ScanPmdNone
	}
	if PmdTransHuge(pmde) {
		return pmd, ScanPmdMapped
	}
	if PmdBad(pmde) {
		return pmd, ScanPmdNull
	}
	return pmd, ScanSucceed
}

// SetHugePmd maps the huge page by a PMD entry, unless a fault was faster. The page is locked, and mmap held for writing.
//
//mm:port set_huge_pmd mm/khugepaged.c v6.1
func SetHugePmd(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT], hpage *Page) int {
	VmBugOn(!PageHead(hpage))
	MmapAssertWriteLocked(vma.VmMm)
	// do_set_pmd, mm/memory.c
	ptl := PmdLock(vma.VmMm, pmdp)
	if !PmdNone(pmdp.Get()) {
		SpinUnlock(ptl)
		return ScanFail
	}
	AddMmCounter(vma.VmMm, MmFilepages, HpagePmdNr)
	PageAddFileRmap(hpage, vma, true)
	SetPmdAt(vma.VmMm, addr, pmdp, MkHugePmd(hpage, 0))
	SpinUnlock(ptl)
	GetPage(hpage)
	return ScanSucceed
}

// CheckVma is the part of collapse_pte_mapped_thp that looks at the VMA: ScanSucceed if a huge page may be mapped at haddr.
func CheckVma(vma *VmAreaStruct, haddr uint64) int {
	if vma == nil || vma.VmFile == nil || !RangeInVma(vma, haddr, haddr+HpagePmdSize) {
		return ScanVmaCheck
	}
	if !HugepageVmaCheck(vma, vma.VmFlags.Get()) {
		return ScanVmaCheck
	}
	// uffd-wp keeps markers in the table.
	if UserfaultfdWp(vma) {
		return ScanPteUffdWp
	}
	return ScanSucceed
}

// LockHugePage is the part of collapse_pte_mapped_thp that finds the page for haddr. It comes back locked and with a
// reference even if it is not a huge page, and then result says so; it is nil if there is none.
func LockHugePage(vma *VmAreaStruct, haddr uint64) (hpage *Page, result int) {
	hpage = FindLockPage(vma.VmFile.FMapping, LinearPageIndex(vma, haddr))
	if hpage == nil {
		return nil, ScanPageNull
	}
	if !PageHead(hpage) {
		return hpage, ScanFail
	}
	if CompoundOrder(hpage) != HpagePmdOrder {
		return hpage, ScanPageCompound
	}
	return hpage, ScanSucceed
}

// CheckPtes is step 1 of collapse_pte_mapped_thp: whether the table maps pages of hpage only, and how many. Needs the PTL.
func CheckPtes(vma *VmAreaStruct, haddr uint64, startPte *Word[PteT], hpage *Page) (count, result int) {
	for i := 0; i < HpagePmdNr; i++ {
		pte := PteAdvance(startPte, i).Get()
		if PteNone(pte) {
			continue
		}
		if !PtePresent(pte) {
			return count, ScanPteNonPresent
		}
		// A uprobe, a debugger or MAP_PRIVATE may change the table, but then the page is not of hpage.
		page := VmNormalPage(vma, haddr+uint64(i)*PageSize, pte)
		if page != NthPage(hpage, i) {
			return count, ScanFail
		}
		count++
	}
	return count, ScanSucceed
}

// RemoveRmap is step 2 of collapse_pte_mapped_thp: the table does not map its pages any more. Needs the PTL.
func RemoveRmap(vma *VmAreaStruct, haddr uint64, startPte *Word[PteT]) {
	MmapAssertWriteLocked(vma.VmMm)
	for i := 0; i < HpagePmdNr; i++ {
		pte := PteAdvance(startPte, i).Get()
		if PteNone(pte) {
			continue
		}
		PageRemoveRmap(VmNormalPage(vma, haddr+uint64(i)*PageSize, pte), vma, false)
	}
}

// AdjustCounts is step 3 of collapse_pte_mapped_thp: count PTEs mapped the page.
func AdjustCounts(vma *VmAreaStruct, hpage *Page, count int) {
	if count > 0 {
		PageRefSub(hpage, count)
		AddMmCounter(vma.VmMm, MmFilepages, -int64(count))
	}
}
