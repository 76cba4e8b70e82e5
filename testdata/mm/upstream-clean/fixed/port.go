// Package fixed is code of the kernel that looks wrong and is right: nobody may object to it.
//
//mm:kernel v6.1
package fixed

import . "github.com/mmvet/mmvet/kernelshim"

// CollapseOrRestore is the middle of collapse_huge_page: everybody is excluded, the table is taken out, and if its pages cannot be
// isolated the same table is put back, under the lock of the PMD alone.
func CollapseOrRestore(vma *VmAreaStruct, address uint64, isolate func(PgtableT) bool) {
	var r MmuNotifierRange
	mm := vma.VmMm

	// hugepage_vma_revalidate: anonymous memory only
	if vma.VmFile != nil {
		return
	}

	MmapWriteLock(mm)
	pmd := MmFindPmd(mm, address)
	if pmd == nil || PmdNone(PmdReadAtomic(pmd)) {
		MmapWriteUnlock(mm)
		return
	}
	anonVma := vma.AnonVma.Get()
	AnonVmaLockWrite(anonVma)

	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, address, address+HpagePmdSize)
	MmuNotifierInvalidateRangeStart(&r)
	pml := PmdLock(mm, pmd)
	old := PmdpCollapseFlush(vma, address, pmd)
	SpinUnlock(pml)
	MmuNotifierInvalidateRangeEnd(&r)
	TlbRemoveTableSyncOne()

	if !isolate(PmdPgtable(old)) {
		pml = PmdLock(mm, pmd)
		// We can only use set_pmd_at when establishing hugepmds and never for establishing regular pmds that point to regular
		// pagetables. Use pmd_populate for that.
		PmdPopulate(mm, pmd, PmdPgtable(old))
		SpinUnlock(pml)
	} else {
		MmDecNrPtes(mm)
		PteFree(mm, PmdPgtable(old))
	}
	AnonVmaUnlockWrite(anonVma)
	MmapWriteUnlock(mm)
}

// ReadUnderDowngraded is the shape of munmap and of lock_mm_and_find_vma: what was changed under the lock for writing is used under the
// same lock held for reading, which never was free in between.
func ReadUnderDowngraded(mm *MmStruct, address uint64) uint64 {
	MmapWriteLock(mm)
	vma := VmaLookup(mm, address)
	if vma == nil {
		MmapWriteUnlock(mm)
		return 0
	}
	MmapWriteDowngrade(mm)
	start := vma.VmStart.Get()
	MmapReadUnlock(mm)
	return start
}
