// Package classic is the input of TestClassic: page tables are removed under the rules that held until v6.6. Each function
// lacks one thing.
//
//mm:kernel v6.1
package classic

import . "github.com/mmvet/mmvet/kernelshim"

// Whole lacks nothing.
func Whole(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	var r MmuNotifierRange
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, vma.VmMm, addr, addr+HpagePmdSize)
	MmapWriteLock(vma.VmMm)
	if vma.VmFile != nil {
		IMmapLockWrite(vma.VmFile.FMapping)
	}
	if vma.AnonVma.Get() != nil {
		AnonVmaLockWrite(vma.AnonVma.Get())
	}
	MmuNotifierInvalidateRangeStart(&r)
	pmd := PmdpCollapseFlush(vma, addr, pmdp)
	TlbRemoveTableSyncOne()
	MmuNotifierInvalidateRangeEnd(&r)
	PteFree(vma.VmMm, PmdPgtable(pmd))
	if vma.AnonVma.Get() != nil {
		AnonVmaUnlockWrite(vma.AnonVma.Get())
	}
	if vma.VmFile != nil {
		IMmapUnlockWrite(vma.VmFile.FMapping)
	}
	MmapWriteUnlock(vma.VmMm)
}

func NoMmap(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	var r MmuNotifierRange
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, vma.VmMm, addr, addr+HpagePmdSize)
	if vma.VmFile != nil {
		IMmapLockWrite(vma.VmFile.FMapping)
	}
	MmuNotifierInvalidateRangeStart(&r)
	pmd := PmdpCollapseFlush(vma, addr, pmdp) // want `nonterminal: PmdpCollapseFlush does remove_table, which needs mmap\(vma.VmMm\) held for writing`
	TlbRemoveTableSyncOne()
	MmuNotifierInvalidateRangeEnd(&r)
	PteFree(vma.VmMm, PmdPgtable(pmd))
	if vma.VmFile != nil {
		IMmapUnlockWrite(vma.VmFile.FMapping)
	}
}

// ReadMmap does not keep faults from giving the VMA an anon_vma after the test.
func ReadMmap(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	var r MmuNotifierRange
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, vma.VmMm, addr, addr+HpagePmdSize)
	MmapReadLock(vma.VmMm)
	if vma.VmFile != nil {
		IMmapLockWrite(vma.VmFile.FMapping)
	}
	if vma.AnonVma.Get() != nil {
		AnonVmaLockWrite(vma.AnonVma.Get())
	}
	MmuNotifierInvalidateRangeStart(&r)
	pmd := PmdpCollapseFlush(vma, addr, pmdp) // want `remove_table, which needs mmap\(vma.VmMm\) held for writing \(it is held for reading\) and avma`
	TlbRemoveTableSyncOne()
	MmuNotifierInvalidateRangeEnd(&r)
	PteFree(vma.VmMm, PmdPgtable(pmd))
	if vma.AnonVma.Get() != nil {
		AnonVmaUnlockWrite(vma.AnonVma.Get())
	}
	if vma.VmFile != nil {
		IMmapUnlockWrite(vma.VmFile.FMapping)
	}
	MmapReadUnlock(vma.VmMm)
}

func NoImap(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	var r MmuNotifierRange
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, vma.VmMm, addr, addr+HpagePmdSize)
	MmapWriteLock(vma.VmMm)
	if vma.AnonVma.Get() != nil {
		AnonVmaLockWrite(vma.AnonVma.Get())
	}
	MmuNotifierInvalidateRangeStart(&r)
	pmd := PmdpCollapseFlush(vma, addr, pmdp) // want `remove_table, which needs imap\(vma.VmFile.FMapping\) held for writing \(classic rules\)$`
	TlbRemoveTableSyncOne()
	MmuNotifierInvalidateRangeEnd(&r)
	PteFree(vma.VmMm, PmdPgtable(pmd))
	if vma.AnonVma.Get() != nil {
		AnonVmaUnlockWrite(vma.AnonVma.Get())
	}
	MmapWriteUnlock(vma.VmMm)
}

func ReadImap(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	var r MmuNotifierRange
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, vma.VmMm, addr, addr+HpagePmdSize)
	MmapWriteLock(vma.VmMm)
	if vma.VmFile != nil {
		IMmapLockRead(vma.VmFile.FMapping)
	}
	if vma.AnonVma.Get() != nil {
		AnonVmaLockWrite(vma.AnonVma.Get())
	}
	MmuNotifierInvalidateRangeStart(&r)
	pmd := PmdpCollapseFlush(vma, addr, pmdp) // want `remove_table, which needs imap\(vma.VmFile.FMapping\) held for writing \(it is held for reading\) \(classic rules\)$`
	TlbRemoveTableSyncOne()
	MmuNotifierInvalidateRangeEnd(&r)
	PteFree(vma.VmMm, PmdPgtable(pmd))
	if vma.AnonVma.Get() != nil {
		AnonVmaUnlockWrite(vma.AnonVma.Get())
	}
	if vma.VmFile != nil {
		IMmapUnlockRead(vma.VmFile.FMapping)
	}
	MmapWriteUnlock(vma.VmMm)
}

func NoAvma(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	var r MmuNotifierRange
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, vma.VmMm, addr, addr+HpagePmdSize)
	MmapWriteLock(vma.VmMm)
	if vma.VmFile != nil {
		IMmapLockWrite(vma.VmFile.FMapping)
	}
	MmuNotifierInvalidateRangeStart(&r)
	pmd := PmdpCollapseFlush(vma, addr, pmdp) // want `remove_table, which needs avma\(vma.AnonVma.Root\) held for writing \(classic rules\)$`
	TlbRemoveTableSyncOne()
	MmuNotifierInvalidateRangeEnd(&r)
	PteFree(vma.VmMm, PmdPgtable(pmd))
	if vma.VmFile != nil {
		IMmapUnlockWrite(vma.VmFile.FMapping)
	}
	MmapWriteUnlock(vma.VmMm)
}

func ReadAvma(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	var r MmuNotifierRange
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, vma.VmMm, addr, addr+HpagePmdSize)
	MmapWriteLock(vma.VmMm)
	if vma.VmFile != nil {
		IMmapLockWrite(vma.VmFile.FMapping)
	}
	if vma.AnonVma.Get() != nil {
		AnonVmaLockRead(vma.AnonVma.Get())
	}
	MmuNotifierInvalidateRangeStart(&r)
	pmd := PmdpCollapseFlush(vma, addr, pmdp) // want `remove_table, which needs avma\(vma.AnonVma.Root\) held for writing \(it is held for reading\) \(classic rules\)$`
	TlbRemoveTableSyncOne()
	MmuNotifierInvalidateRangeEnd(&r)
	PteFree(vma.VmMm, PmdPgtable(pmd))
	if vma.AnonVma.Get() != nil {
		AnonVmaUnlockRead(vma.AnonVma.Get())
	}
	if vma.VmFile != nil {
		IMmapUnlockWrite(vma.VmFile.FMapping)
	}
	MmapWriteUnlock(vma.VmMm)
}

func NoNotifier(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	MmapWriteLock(vma.VmMm)
	if vma.VmFile != nil {
		IMmapLockWrite(vma.VmFile.FMapping)
	}
	if vma.AnonVma.Get() != nil {
		AnonVmaLockWrite(vma.AnonVma.Get())
	}
	pmd := PmdpCollapseFlush(vma, addr, pmdp) // want `remove_table, which needs .*notifier`
	TlbRemoveTableSyncOne()
	PteFree(vma.VmMm, PmdPgtable(pmd))
	if vma.AnonVma.Get() != nil {
		AnonVmaUnlockWrite(vma.AnonVma.Get())
	}
	if vma.VmFile != nil {
		IMmapUnlockWrite(vma.VmFile.FMapping)
	}
	MmapWriteUnlock(vma.VmMm)
}

func NoSync(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	var r MmuNotifierRange
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, vma.VmMm, addr, addr+HpagePmdSize)
	MmapWriteLock(vma.VmMm)
	if vma.VmFile != nil {
		IMmapLockWrite(vma.VmFile.FMapping)
	}
	if vma.AnonVma.Get() != nil {
		AnonVmaLockWrite(vma.AnonVma.Get())
	}
	MmuNotifierInvalidateRangeStart(&r)
	pmd := PmdpCollapseFlush(vma, addr, pmdp)
	MmuNotifierInvalidateRangeEnd(&r)
	PteFree(vma.VmMm, PmdPgtable(pmd)) // want `sync_ipi`
	if vma.AnonVma.Get() != nil {
		AnonVmaUnlockWrite(vma.AnonVma.Get())
	}
	if vma.VmFile != nil {
		IMmapUnlockWrite(vma.VmFile.FMapping)
	}
	MmapWriteUnlock(vma.VmMm)
}
