package actors

import . "github.com/mmvet/mmvet/kernelshim"

// MmCpProtNuma is MM_CP_PROT_NUMA, include/linux/mm.h: permissions are taken away to see who accesses a page.
const MmCpProtNuma = 1 << 1

// ChangeProtNuma makes the pages of a VMA inaccessible that lie below one PMD entry, so that NUMA balancing sees who faults on them.
//
//mm:port change_prot_numa mm/mempolicy.c v5.17
func ChangeProtNuma(vma *VmAreaStruct, changePteRange func(vma *VmAreaStruct, pmd *Word[PmdT], addr, end uint64, newprot PgprotT, cpFlags uint) int) {
	var r MmuNotifierRange
	mm, addr, end := vma.VmMm, vma.VmStart.Get(), vma.VmEnd.Get()
	MmapReadLock(mm) // task_numa_work
	// change_pmd_range
	MmuNotifierRangeInit(&r, MmuNotifyProtectionVma, 0, mm, addr, end)
	MmuNotifierInvalidateRangeStart(&r)
	pages := changePteRange(vma, MmFindPmd(mm, addr), addr, end, PageProtnone, MmCpProtNuma)
	MmuNotifierInvalidateRangeEnd(&r)
	if pages > 0 {
		FlushTlbRange(vma, addr, end)
	}
	MmapReadUnlock(mm)
}
