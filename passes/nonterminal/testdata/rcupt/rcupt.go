// Package rcupt is the input of TestRcuPt: since v6.6 page tables are freed by RCU, and are removed under locks of the
// table, with the VMA kept in place by any lock.
//
//mm:kernel v6.12
package rcupt

import . "github.com/mmvet/mmvet/kernelshim"

// RetractPageTables is as in v6.12: the test of anon_vma under the locks counts.
//
//mm:port retract_page_tables mm/khugepaged.c v6.12
func RetractPageTables(mapping *AddressSpace, pgoff uint64) {
	IMmapLockRead(mapping)
	for vma := VmaIntervalTreeIterFirst(mapping, pgoff, pgoff); vma != nil; vma = VmaIntervalTreeIterNext(vma, pgoff, pgoff) {
		var r MmuNotifierRange
		// A racy look that saves work.
		if ReadOnce(&vma.AnonVma) != nil {
			continue
		}
		mm := vma.VmMm
		addr := VmaAddress(vma, pgoff)
		pmdp := MmFindPmd(mm, addr)
		MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, addr, addr+HpagePmdSize)
		MmuNotifierInvalidateRangeStart(&r)
		pml := PmdLock(mm, pmdp)
		ptl := PteLockptr(mm, pmdp)
		if ptl != pml {
			SpinLockNested(ptl, 1)
		}
		if vma.AnonVma.Get() != nil {
			goto unlock
		}
		{
			pgtPmd := PmdpCollapseFlush(vma, addr, pmdp)
			PteFreeDefer(mm, PmdPgtable(pgtPmd))
		}
	unlock:
		if ptl != pml {
			SpinUnlock(ptl)
		}
		SpinUnlock(pml)
		MmuNotifierInvalidateRangeEnd(&r)
	}
	IMmapUnlockRead(mapping)
}

// NoRecheck relies on the racy look: CVE-2023-52935 in the shape of v6.12.
func NoRecheck(mapping *AddressSpace, vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	var r MmuNotifierRange
	mm := vma.VmMm
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, addr, addr+HpagePmdSize)
	IMmapLockRead(vma.VmFile.FMapping)
	if ReadOnce(&vma.AnonVma) == nil {
		MmuNotifierInvalidateRangeStart(&r)
		pml := PmdLock(mm, pmdp)
		ptl := PteLockptr(mm, pmdp)
		SpinLockNested(ptl, 1)
		pgtPmd := PmdpCollapseFlush(vma, addr, pmdp) // want `nonterminal: PmdpCollapseFlush does remove_table, which needs`
		SpinUnlock(ptl)
		SpinUnlock(pml)
		MmuNotifierInvalidateRangeEnd(&r)
		PteFreeDefer(mm, PmdPgtable(pgtPmd))
	}
	IMmapUnlockRead(vma.VmFile.FMapping)
}

// NoPtl holds the lock of the PMD table only.
func NoPtl(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	var r MmuNotifierRange
	mm := vma.VmMm
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, addr, addr+HpagePmdSize)
	MmapReadLock(mm)
	MmuNotifierInvalidateRangeStart(&r)
	pml := PmdLock(mm, pmdp)
	pgtPmd := PmdpCollapseFlush(vma, addr, pmdp) // want `remove_table, which needs ptl\(pmdp\) held`
	SpinUnlock(pml)
	MmuNotifierInvalidateRangeEnd(&r)
	PteFreeDefer(mm, PmdPgtable(pgtPmd))
	MmapReadUnlock(mm)
}

// FreedAtOnce frees what readers under RCU may look at.
func FreedAtOnce(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	var r MmuNotifierRange
	mm := vma.VmMm
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, addr, addr+HpagePmdSize)
	MmapReadLock(mm)
	MmuNotifierInvalidateRangeStart(&r)
	pml := PmdLock(mm, pmdp)
	ptl := PteLockptr(mm, pmdp)
	SpinLockNested(ptl, 1)
	pgtPmd := PmdpCollapseFlush(vma, addr, pmdp)
	SpinUnlock(ptl)
	SpinUnlock(pml)
	MmuNotifierInvalidateRangeEnd(&r)
	PteFree(mm, PmdPgtable(pgtPmd)) // want `nonterminal: remove_table must be followed by rcu_grace before free_table`
	MmapReadUnlock(mm)
}

// Classic holds what sufficed until v6.6.
func Classic(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	var r MmuNotifierRange
	mm := vma.VmMm
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, addr, addr+HpagePmdSize)
	MmapWriteLock(mm)
	IMmapLockWrite(vma.VmFile.FMapping)
	if vma.AnonVma.Get() != nil {
		AnonVmaLockWrite(vma.AnonVma.Get())
	}
	MmuNotifierInvalidateRangeStart(&r)
	pmd := PmdpCollapseFlush(vma, addr, pmdp) // want `remove_table, which needs`
	TlbRemoveTableSyncOne()
	MmuNotifierInvalidateRangeEnd(&r)
	PteFree(mm, PmdPgtable(pmd)) // want `must be followed by rcu_grace`
	if vma.AnonVma.Get() != nil {
		AnonVmaUnlockWrite(vma.AnonVma.Get())
	}
	IMmapUnlockWrite(vma.VmFile.FMapping)
	MmapWriteUnlock(mm)
}
