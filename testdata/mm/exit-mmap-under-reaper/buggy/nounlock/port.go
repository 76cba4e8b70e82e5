// Package nounlock is exit_mmap of v5.17 with the early return of v5.16.
//
//mm:kernel v5.17
package nounlock

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/actors"
)

// ExitMmap is exit_mmap of v5.17 with the early return of v5.16, which had nothing to unlock.
//
//mm:port exit_mmap mm/mmap.c v5.17
func ExitMmap(mm *MmStruct) {
	var tlb MmuGather

	MmuNotifierRelease(mm)

	MmapWriteLock(mm)
	vma := mm.Mmap.Get()
	if vma == nil {
		return
	}

	TlbGatherMmu(&tlb, mm)
	UnmapVmas(&tlb, vma, 0, ^uint64(0))
	FreePgtables(&tlb, vma, FirstUserAddress, UserPgtablesCeiling)
	TlbFinishMmu(&tlb)

	for vma != nil {
		vma = RemoveVma(vma)
		CondResched()
	}
	mm.Mmap.Set(nil)
	MmapWriteUnlock(mm)
}
