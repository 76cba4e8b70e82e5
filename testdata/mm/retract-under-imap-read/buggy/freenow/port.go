// Package freenow is retract_page_tables of v6.6 that frees the table at once.
//
//mm:kernel v6.6
package freenow

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
		var pgtPmd PmdT
		skippedUffd := false

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

		// Huge page lock is still held, so normally the page table must remain empty; and we have already skipped anon_vma and
		// userfaultfd_wp() vmas. But since the mmap_lock is not held, it is still possible for a racing userfaultfd_ioctl() to
		// have inserted ptes or markers. Now that we hold ptlock, repeating the anon_vma check protects from one category, and
		// repeating the userfaultfd_wp() check from another.
		if vma.AnonVma.Get() != nil || UserfaultfdWp(vma) {
			skippedUffd = true
		} else {
			pgtPmd = PmdpCollapseFlush(vma, addr, pmd)
			PmdpGetLocklessSync()
		}

		SpinUnlock(ptl)
		SpinUnlock(pml)

		MmuNotifierInvalidateRangeEnd(&r)

		if !skippedUffd {
			MmDecNrPtes(mm)
			PteFree(mm, PmdPgtable(pgtPmd))
		}
	}
	IMmapUnlockRead(mapping)
}
