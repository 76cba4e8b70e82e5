// Package buggy is exit_mmap of v5.16: it tears the address space down without mmap_lock, which nobody else was thought to
// take.
//
//mm:kernel v5.16
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/actors"
)

// ExitMmap tears an address space without users down.
//
//mm:port exit_mmap mm/mmap.c v5.16
func ExitMmap(mm *MmStruct) {
	var tlb MmuGather

	// mm's last user has gone, and it's about to be pulled down
	MmuNotifierRelease(mm)

	if TestBit(MmfOomVictim, &mm.Flags) {
		// Manually reap the mm to free as much memory as possible. Then, as the oom reaper does, set MMF_OOM_SKIP to
		// disregard this mm from further consideration. Taking mm->mmap_lock for write after setting MMF_OOM_SKIP will
		// guarantee that the oom reaper will not run on this mm again after mmap_lock is dropped. This needs to be done
		// before calling munlock_vma_pages_all(), which clears VM_LOCKED, otherwise the oom reaper cannot reliably test it.
		OomReapMm(mm)
		SetBit(MmfOomSkip, &mm.Flags)
		MmapWriteLock(mm)
		MmapWriteUnlock(mm)
	}

	if mm.LockedVm.Get() != 0 {
		UnlockRange(mm.Mmap.Get())
	}

	vma := mm.Mmap.Get()
	if vma == nil {
		// Can happen if dup_mmap() received an OOM
		return
	}

	TlbGatherMmu(&tlb, mm)
	UnmapVmas(&tlb, vma, 0, ^uint64(0))
	FreePgtables(&tlb, vma, FirstUserAddress, UserPgtablesCeiling)
	TlbFinishMmu(&tlb)

	// Walk the list again, actually closing and freeing it, with preemption enabled, without holding any MM locks.
	for vma != nil {
		vma = RemoveVma(vma)
		CondResched()
	}
}
