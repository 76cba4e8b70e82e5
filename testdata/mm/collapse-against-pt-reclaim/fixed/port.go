// Package fixed is collapse_huge_page of v6.17: it locks the VMA, and then looks at the table.
//
//mm:kernel v6.17
package fixed

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/khugepaged"
	vma617 "github.com/mmvet/mmvet/testdata/mm/internal/vma617"
)

// CollapseHugePage puts the huge page in the place of the small ones at address. It is collapse_huge_page, mm/khugepaged.c, from where
// mmap_lock is taken for writing: pmd was found under mmap_lock for reading, which was given back.
func CollapseHugePage(mm *MmStruct, address uint64, pmd *Word[PmdT], hpage *Page) int {
	var r MmuNotifierRange
	var old PmdT
	var pmdPtl *Spinlock

	// Prevent all access to pagetables with the exception of gup_fast later handled by the ptep_clear_flush and the VM handled by
	// the anon_vma lock + PG_lock.
	MmapWriteLock(mm)
	result := ScanVmaCheck
	vma := VmaLookup(mm, address) // hugepage_vma_revalidate
	if vma == nil || !VmaIsAnonymous(vma) || !RangeInVma(vma, address, address+HpagePmdSize) {
		goto outUpWrite
	}
	// check if the pmd is still valid
	vma617.VmaStartWrite(vma)
	result = CheckPmdStillValid(mm, address, pmd)
	if result != ScanSucceed {
		goto outUpWrite
	}

	AnonVmaLockWrite(vma.AnonVma.Get())

	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, address, address+HpagePmdSize)
	MmuNotifierInvalidateRangeStart(&r)

	pmdPtl = PmdLock(mm, pmd) // probably unnecessary
	// This removes any huge TLB entry from the CPU so we won't allow huge and small TLB entries for the same virtual address to avoid
	// the risk of CPU bugs in that area. Parallel GUP-fast is fine since GUP-fast will back off when it detects PMD is changed.
	old = PmdpCollapseFlush(vma, address, pmd)
	SpinUnlock(pmdPtl)
	MmuNotifierInvalidateRangeEnd(&r)
	TlbRemoveTableSyncOne()

	result = IsolatePages(vma, address, old)
	if result != ScanSucceed {
		pmdPtl = PmdLock(mm, pmd)
		BugOn(!PmdNone(pmd.Get()))
		// We can only use set_pmd_at when establishing hugepmds and never for establishing regular pmds that points to regular
		// pagetables. Use pmd_populate for that
		PmdPopulate(mm, pmd, PmdPgtable(old))
		SpinUnlock(pmdPtl)
		AnonVmaUnlockWrite(vma.AnonVma.Get())
		goto outUpWrite
	}

	// All pages are isolated and locked so anon_vma rmap can't run anymore.
	AnonVmaUnlockWrite(vma.AnonVma.Get())
	CopyPages(vma, address, old)
	InstallHugePage(vma, address, pmd, hpage, PmdPgtable(old))
outUpWrite:
	MmapWriteUnlock(mm)
	return result
}
