// Package fixed is khugepaged's removal of page tables after the fix: as of v6.1.11, which is v6.1 (8d3c106e19e8,
// 2ba99c5e0881, f268f6cf875f) with collapse_pte_mapped_thp locking the anon_vma (v6.1.8) and retract_page_tables looking at
// it again (v6.1.11).
//
//mm:kernel v6.1.11
package fixed

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/khugepaged"
)

// CollapseAndFreePmd takes the table of PTEs at addr out of *pmdp and frees it.
//
// Page-table locks would be useless here: they protect terminal entries and the installation of new tables. Instead all
// locks under which a page walk may start are held for writing: mmap_lock and those of the VMA's reverse maps. That leaves
// hardware walkers, which the flush stops, and GUP-fast, which the IPI waits for.
//
//mm:port collapse_and_free_pmd mm/khugepaged.c v6.1.11
func CollapseAndFreePmd(mm *MmStruct, vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	var r MmuNotifierRange

	MmapAssertWriteLocked(mm)
	if vma.VmFile != nil {
		LockdepAssertHeldWrite(&vma.VmFile.FMapping.IMmapRwsem)
	}
	// All anon_vmas attached to the VMA have the same root and are therefore locked by the same lock.
	if vma.AnonVma.Get() != nil {
		LockdepAssertHeldWrite(&vma.AnonVma.Get().Root.Rwsem)
	}

	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, addr, addr+HpagePmdSize)
	MmuNotifierInvalidateRangeStart(&r)
	pmd := PmdpCollapseFlush(vma, addr, pmdp)
	TlbRemoveTableSyncOne()
	MmuNotifierInvalidateRangeEnd(&r)
	MmDecNrPtes(mm)
	PteFree(mm, PmdPgtable(pmd))
}

// CollapsePteMappedThp removes the table of PTEs at addr if all that it maps is the right huge page, so that the page can
// be mapped by the PMD; with installPmd it does that at once.
//
//mm:port collapse_pte_mapped_thp mm/khugepaged.c v6.1.11
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

	// From here on only GUP-fast and hardware can walk the tables that we work on. See CollapseAndFreePmd.
	IMmapLockWrite(vma.VmFile.FMapping)
	startPte, ptl = PteOffsetMapLock(mm, pmd, haddr)

	// steps 1 to 3: all mapped PTEs are to the right huge page; adjust the reverse map, refcount and counters
	if count, result = CheckPtes(vma, haddr, startPte, hpage); result != ScanSucceed {
		goto abort
	}
	RemoveRmap(vma, haddr, startPte)
	PteUnmapUnlock(startPte, ptl)

	AdjustCounts(vma, hpage, count)

	// step 4: remove the PTE entries; nothing anonymous changes, but lookups of anonymous pages must not run
	if vma.AnonVma.Get() != nil {
		AnonVmaLockWrite(vma.AnonVma.Get())
	}
	CollapseAndFreePmd(mm, vma, haddr, pmd)
	if vma.AnonVma.Get() != nil {
		AnonVmaUnlockWrite(vma.AnonVma.Get())
	}
	IMmapUnlockWrite(vma.VmFile.FMapping)

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
	IMmapUnlockWrite(vma.VmFile.FMapping)
	goto dropHpage
}

// RetractPageTables removes the tables of PTEs from all VMAs that map the huge page at pgoff, which is locked and has
// replaced the small pages in the page cache.
//
//mm:port retract_page_tables mm/khugepaged.c v6.1.11
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

		// The check is racy, and repeated below: a fault may set anon_vma before we have mmap_lock.
		if ReadOnce(&vma.AnonVma) != nil {
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
			// Look again: CollapseAndFreePmd requires that there is no anon_vma, or that it is locked. Faults set it
			// under mmap_lock held for reading.
			if vma.AnonVma.Get() != nil {
				result = ScanPageAnon
				goto unlockNext
			}
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
