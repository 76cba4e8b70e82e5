package classic

import . "github.com/mmvet/mmvet/kernelshim"

// Retract is retract_page_tables as v6.1 had it (CVE-2023-52935): the anon_vma is looked at before the mmap lock is taken, so
// that a fault may set it in between.
func Retract(mapping *AddressSpace, pgoff, addr uint64) {
	var r MmuNotifierRange
	IMmapLockWrite(mapping)
	for vma := VmaIntervalTreeIterFirst(mapping, pgoff, pgoff); vma != nil; vma = VmaIntervalTreeIterNext(vma, pgoff, pgoff) {
		if vma.AnonVma.Get() != nil {
			continue
		}
		mm := vma.VmMm
		if MmapWriteTrylock(mm) {
			MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, addr, addr+HpagePmdSize)
			MmuNotifierInvalidateRangeStart(&r)
			pmd := PmdpCollapseFlush(vma, addr, MmFindPmd(mm, addr)) // want `remove_table, which needs avma\(vma.AnonVma.Root\) held for writing \(classic rules\)$`
			TlbRemoveTableSyncOne()
			MmuNotifierInvalidateRangeEnd(&r)
			PteFree(mm, PmdPgtable(pmd))
			MmapWriteUnlock(mm)
		}
	}
	IMmapUnlockWrite(mapping)
}

// Rechecked looks again under the lock, as v6.1.11 does.
func Rechecked(mapping *AddressSpace, pgoff, addr uint64) {
	var r MmuNotifierRange
	IMmapLockWrite(mapping)
	for vma := VmaIntervalTreeIterFirst(mapping, pgoff, pgoff); vma != nil; vma = VmaIntervalTreeIterNext(vma, pgoff, pgoff) {
		if vma.AnonVma.Get() != nil {
			continue
		}
		mm := vma.VmMm
		if MmapWriteTrylock(mm) {
			if vma.AnonVma.Get() == nil {
				MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, addr, addr+HpagePmdSize)
				MmuNotifierInvalidateRangeStart(&r)
				pmd := PmdpCollapseFlush(vma, addr, MmFindPmd(mm, addr))
				TlbRemoveTableSyncOne()
				MmuNotifierInvalidateRangeEnd(&r)
				PteFree(mm, PmdPgtable(pmd))
			}
			MmapWriteUnlock(mm)
		}
	}
	IMmapUnlockWrite(mapping)
}
