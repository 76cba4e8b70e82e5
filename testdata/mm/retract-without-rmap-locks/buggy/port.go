// Package buggy is khugepaged's removal of page tables as it was from v5.4 to v6.0: under mmap_lock, without the locks of
// the reverse maps, without the IPI that stops GUP-fast, and without telling MMU notifiers.
//
// It is written in the shape of the v6.1 release candidates (results, install_pmd, MADV_COLLAPSE), so that the difference
// to package fixed is the one of the patches.
//
//mm:kernel v6.0
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/khugepaged"
)

// CollapseAndFreePmd takes the table of PTEs at addr out of *pmdp and frees it.
//
//mm:port collapse_and_free_pmd mm/khugepaged.c v6.0
func CollapseAndFreePmd(mm *MmStruct, vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	MmapAssertWriteLocked(mm)
	ptl := PmdLock(vma.VmMm, pmdp)
	pmd := PmdpCollapseFlush(vma, addr, pmdp) // want "imap.* avma.* notifier"
	SpinUnlock(ptl)
	MmDecNrPtes(mm)
	PteFree(mm, PmdPgtable(pmd)) // want "sync_ipi"
}

// CollapsePteMappedThp removes the table of PTEs at addr if all that it maps is the right huge page, so that the page can
// be mapped by the PMD; with installPmd it does that at once.
//
//mm:port collapse_pte_mapped_thp mm/khugepaged.c v6.0
func CollapsePteMappedThp(mm *MmStruct, addr uint64, installPmd bool) int {
	haddr := addr & HpagePmdMask
	vma := VmaLookup(mm, haddr)
	var startPte *Word[PteT]
	var ptl *Spinlock
	count := 0

	MmapAssertWriteLocked(mm)
	// Fast check before locking the page: already mapped by the PMD.
	pmd, result := FindPmdOrThpOrNone(mm, haddr)
	if result == ScanPmdMapped {
		return result
	}
	if checked := CheckVma(vma, haddr); checked != ScanSucceed {
		return checked
	}
	hpage, found := LockHugePage(vma, haddr)
	if hpage == nil {
		return found
	}
	if found != ScanSucceed {
		result = found
		goto dropHpage
	}
	switch result {
	case ScanSucceed:
	case ScanPmdNone:
		goto maybeInstallPmd
	default:
		goto dropHpage
	}

	startPte, ptl = PteOffsetMapLock(mm, pmd, haddr)

	// steps 1 to 3: all mapped PTEs are to the right huge page; adjust the reverse map, refcount and counters
	if count, result = CheckPtes(vma, haddr, startPte, hpage); result != ScanSucceed {
		goto abort
	}
	RemoveRmap(vma, haddr, startPte)
	PteUnmapUnlock(startPte, ptl)

	AdjustCounts(vma, hpage, count)

	// step 4: remove the PTE entries
	CollapseAndFreePmd(mm, vma, haddr, pmd)

maybeInstallPmd:
	// step 5: install the PMD entry
	result = ScanSucceed
	if installPmd {
		result = SetHugePmd(vma, haddr, pmd, hpage)
	}

dropHpage:
	UnlockPage(hpage)
	PutPage(hpage)
	return result

abort:
	PteUnmapUnlock(startPte, ptl)
	goto dropHpage
}

// RetractPageTables removes the tables of PTEs from all VMAs that map the huge page at pgoff, which is locked and has
// replaced the small pages in the page cache.
//
//mm:port retract_page_tables mm/khugepaged.c v6.0
func RetractPageTables(mapping *AddressSpace, pgoff uint64, targetMm *MmStruct, targetAddr uint64, hpage *Page,
	cc *CollapseControl) int {
	targetResult := ScanFail

	IMmapLockWrite(mapping)
	for vma := VmaIntervalTreeIterFirst(mapping, pgoff, pgoff); vma != nil; vma = VmaIntervalTreeIterNext(vma, pgoff, pgoff) {
		var mm *MmStruct
		var addr uint64
		var pmd *Word[PmdT]
		isTarget := false
		result := ScanFail

		// The check is racy: a fault may set anon_vma before we have mmap_lock. But the page lock would prevent
		// establishing any new PTEs of the page, so we are safe.
		if vma.AnonVma.Get() != nil {
			result = ScanPageAnon
			goto next
		}
		addr = vma.VmStart.Get() + (pgoff-vma.VmPgoff.Get())<<PageShift
		if addr&^HpagePmdMask != 0 || vma.VmEnd.Get() < addr+HpagePmdSize {
			result = ScanVmaCheck
			goto next
		}
		mm = vma.VmMm
		isTarget = mm == targetMm && addr == targetAddr
		pmd, result = FindPmdOrThpOrNone(mm, addr)
		if result != ScanSucceed {
			goto next
		}
		// Trylock: the fault path takes mmap_lock before the page lock.
		result = ScanPteMappedHugepage
		if (cc.IsKhugepaged || isTarget) && MmapWriteTrylock(mm) {
			if HpageCollapseTestExit(mm) {
				result = ScanAnyProcess
				goto unlockNext
			}
			if UserfaultfdWp(vma) {
				result = ScanPteUffdWp
				goto unlockNext
			}
			CollapseAndFreePmd(mm, vma, addr, pmd)
			if !cc.IsKhugepaged && isTarget {
				result = SetHugePmd(vma, addr, pmd, hpage)
			} else {
				result = ScanSucceed
			}
		unlockNext:
			MmapWriteUnlock(mm)
			goto next
		}
		// If it is not the target, khugepaged tries again later: khugepaged_add_pte_mapped_thp.
	next:
		if isTarget {
			targetResult = result
		}
	}
	IMmapUnlockWrite(mapping)
	return targetResult
}
