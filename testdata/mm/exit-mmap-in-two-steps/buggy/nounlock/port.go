// Package nounlock is exit_mmap of v6.0 without the unlock of the early return.
//
//mm:kernel v6.0
package nounlock

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
		return // want "lockbalance: mmap.mm. is still held at the end"
	}

	TlbGatherMmu(&tlb, mm)
	UnmapVmas(&tlb, vma, 0, ^uint64(0))
	MmapReadUnlock(mm)

	// Set MMF_OOM_SKIP to hide this task from the oom killer/reaper because the memory has been already freed.
	SetBit(MmfOomSkip, &mm.Flags)
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
