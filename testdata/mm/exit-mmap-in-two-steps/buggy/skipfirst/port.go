// Package skipfirst is exit_mmap of v6.0 with MMF_OOM_SKIP before the memory is free.
//
//mm:kernel v6.0
package skipfirst

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/actors"
)

// ExitMmap tears an address space without users down.
//
//mm:port exit_mmap mm/mmap.c v6.0
func ExitMmap(mm *MmStruct) {
	var tlb MmuGather

	// mm's last user has gone, and it's about to be pulled down
	MmuNotifierRelease(mm)

	MmapReadLock(mm)
	vma := mm.Mmap.Get()
	if vma == nil {
		// Can happen if dup_mmap() received an OOM
		MmapReadUnlock(mm)
		return
	}

	SetBit(MmfOomSkip, &mm.Flags)
	TlbGatherMmu(&tlb, mm)
	UnmapVmas(&tlb, vma, 0, ^uint64(0))
	MmapReadUnlock(mm)

	MmapWriteLock(mm)
	FreePgtables(&tlb, vma, FirstUserAddress, UserPgtablesCeiling)
	TlbFinishMmu(&tlb)

	// Walk the list again, actually closing and freeing it, with preemption enabled, without holding any MM locks besides mmap_lock.
	for vma != nil {
		vma = RemoveVma(vma)
		CondResched()
	}
	mm.Mmap.Set(nil)
	MmapWriteUnlock(mm)
}
