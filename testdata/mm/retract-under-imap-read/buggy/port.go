// Package buggy is retract_page_tables of v6.6 without the second look at the VMA.
//
//mm:kernel v6.6
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/khugepaged"
)

// RetractPageTables removes the tables of PTEs from all VMAs that map the huge page at pgoff, which is locked and has replaced the
// small pages in the page cache.
//
//mm:port retract_page_tables mm/khugepaged.c v6.6
func RetractPageTables(mapping *AddressSpace, pgoff uint64) {
	IMmapLockRead(mapping)
	for vma := VmaIntervalTreeIterFirst(mapping, pgoff, pgoff); vma != nil; vma = VmaIntervalTreeIterNext(vma, pgoff, pgoff) {
		var r MmuNotifierRange

		// Check vma->anon_vma to exclude MAP_PRIVATE mappings that got written to. These VMAs are likely not worth removing page
		// tables from, as PMD-mapping is likely to be split later.
		if ReadOnce(&vma.AnonVma) != nil {
			continue
		}
		addr := vma.VmStart.Get() + (pgoff-vma.VmPgoff.Get())<<PageShift
		if addr&^HpagePmdMask != 0 || vma.VmEnd.Get() < addr+HpagePmdSize {
			continue
		}
		mm := vma.VmMm
		pmd, result := FindPmdOrThpOrNone(mm, addr)
		if result != ScanSucceed {
			continue
		}
		if HpageCollapseTestExit(mm) {
			continue
		}
		// When a vma is registered with uffd-wp, we cannot recycle the page table because there may be pte markers installed.
		if UserfaultfdWp(vma) {
			continue
		}

		// PTEs were notified when unmapped; but now for the PMD?
		MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, addr, addr+HpagePmdSize)
		MmuNotifierInvalidateRangeStart(&r)

		pml := PmdLock(mm, pmd)
		ptl := PteLockptr(mm, pmd)
		SpinLockNested(ptl, 1)

		pgtPmd := PmdpCollapseFlush(vma, addr, pmd)
		PmdpGetLocklessSync()

		SpinUnlock(ptl)
		SpinUnlock(pml)

		MmuNotifierInvalidateRangeEnd(&r)

		MmDecNrPtes(mm)
		PteFreeDefer(mm, PmdPgtable(pgtPmd))
	}
	IMmapUnlockRead(mapping)
}
