// Package fixed is code of the kernel that looks wrong and is right: nobody may object to it.
//
//mm:kernel v6.1
package fixed

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/khugepaged"
)

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

// CollapseHugePage is the beginning of collapse_huge_page. It comes back without the lock that it was called with, whatever happens.
//
//mm:port collapse_huge_page mm/khugepaged.c v6.1
func CollapseHugePage(mm *MmStruct, address uint64, referenced, unmapped int, cc *CollapseControl) int {
	result := ScanVmaCheck

	// Before allocating the hugepage, release the mmap_lock read lock. The allocation can take potentially a long time if it involves
	// sync compaction, and we do not need to hold the mmap_lock during that.
	MmapReadUnlock(mm)

	MmapReadLock(mm)
	vma := VmaLookup(mm, address) // hugepage_vma_revalidate
	if vma == nil {
		MmapReadUnlock(mm)
		return result
	}
	pmd, result := FindPmdOrThpOrNone(mm, address)
	if result != ScanSucceed {
		MmapReadUnlock(mm)
		return result
	}
	if unmapped != 0 {
		// __collapse_huge_page_swapin will return with mmap_lock released when it fails. So we jump out_nolock directly in that case.
		// Continuing to collapse causes inconsistency.
		result = CollapseHugePageSwapin(mm, vma, address, pmd, referenced)
		if result != ScanSucceed {
			return result
		}
	}
	MmapReadUnlock(mm)
	return result
}

// CollapseHugePageSwapin brings in the pages of the range that are swapped out. Here none can be: it fails, and gives the lock back.
//
//mm:port __collapse_huge_page_swapin mm/khugepaged.c v6.1
func CollapseHugePageSwapin(mm *MmStruct, vma *VmAreaStruct, haddr uint64, pmd *Word[PmdT], referenced int) int {
	for address := haddr; address < haddr+HpagePmdSize; address += PageSize {
		pte, ptl := PteOffsetMapLock(mm, pmd, address)
		present := PtePresent(pte.Get())
		PteUnmapUnlock(pte, ptl)
		if present {
			continue
		}
		// do_swap_page returns VM_FAULT_ERROR
		MmapReadUnlock(mm)
		return ScanFail
	}
	return ScanSucceed
}

// MovePtes moves the entries of one table to another one. The reverse maps are locked if the caller says so, the second page-table lock
// if it is another one.
//
//mm:port move_ptes mm/mremap.c v6.1
func MovePtes(vma *VmAreaStruct, oldPmd *Word[PmdT], oldAddr, oldEnd uint64, newVma *VmAreaStruct, newPmd *Word[PmdT], newAddr uint64, needRmapLocks bool) {
	mm := vma.VmMm
	len := oldEnd - oldAddr

	// When need_rmap_locks is true, we take the i_mmap_rwsem and anon_vma locks to ensure that rmap will always observe either the old
	// or the new ptes.
	if needRmapLocks {
		TakeRmapLocks(vma)
	}

	// We don't have to worry about the ordering of src and dst pte locks because exclusive mmap_lock prevents deadlock.
	oldPte, oldPtl := PteOffsetMapLock(mm, oldPmd, oldAddr)
	newPte := PteOffsetMap(newPmd, newAddr)
	newPtl := PteLockptr(mm, newPmd)
	if newPtl != oldPtl {
		SpinLockNested(newPtl, 1)
	}

	for i := 0; oldAddr < oldEnd; i, oldAddr, newAddr = i+1, oldAddr+PageSize, newAddr+PageSize {
		if PteNone(PteAdvance(oldPte, i).Get()) {
			continue
		}
		pte := PtepGetAndClear(mm, oldAddr, PteAdvance(oldPte, i))
		SetPteAt(mm, newAddr, PteAdvance(newPte, i), pte)
	}

	FlushTlbRange(vma, oldEnd-len, oldEnd)
	if newPtl != oldPtl {
		SpinUnlock(newPtl)
	}
	PteUnmap(newPte)
	PteUnmapUnlock(oldPte, oldPtl)
	if needRmapLocks {
		DropRmapLocks(vma)
	}
}

// TakeRmapLocks locks the reverse maps that the VMA is in.
//
//mm:port take_rmap_locks mm/mremap.c v6.1
func TakeRmapLocks(vma *VmAreaStruct) {
	if vma.VmFile != nil {
		IMmapLockWrite(vma.VmFile.FMapping)
	}
	if vma.AnonVma.Get() != nil {
		AnonVmaLockWrite(vma.AnonVma.Get())
	}
}

// DropRmapLocks unlocks them.
//
//mm:port drop_rmap_locks mm/mremap.c v6.1
func DropRmapLocks(vma *VmAreaStruct) {
	if vma.AnonVma.Get() != nil {
		AnonVmaUnlockWrite(vma.AnonVma.Get())
	}
	if vma.VmFile != nil {
		IMmapUnlockWrite(vma.VmFile.FMapping)
	}
}

// CopyVma is the middle of mremap, as far as copy_vma: the fields of a VMA that nobody can find are written without its locks.
func CopyVma(vma *VmAreaStruct, addr, len uint64) {
	MmapWriteLock(vma.VmMm)
	newVma := VmAreaDup(vma)
	newVma.VmStart.Set(addr)
	newVma.VmEnd.Set(addr + len)
	newVma.VmPgoff.Set(addr >> PageShift)
	newVma.VmFlags.Set(newVma.VmFlags.Get() &^ VmLocked)
	if VmaLink(vma.VmMm, newVma) != 0 {
		VmAreaFree(newVma)
	}
	MmapWriteUnlock(vma.VmMm)
}
