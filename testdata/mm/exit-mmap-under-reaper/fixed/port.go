// Package fixed is exit_mmap of v5.17: it holds mmap_lock for writing while it frees page tables and VMAs.
//
//mm:kernel v5.17
package fixed

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/actors"
)

// ExitMmap tears an address space without users down.
//
//mm:port exit_mmap mm/mmap.c v5.17
func ExitMmap(mm *MmStruct) {
	var tlb MmuGather

	// mm's last user has gone, and it's about to be pulled down
	MmuNotifierRelease(mm)

	if TestBit(MmfOomVictim, &mm.Flags) {
		// Manually reap the mm to free as much memory as possible. Then, as the oom reaper does, set MMF_OOM_SKIP to
		// disregard this mm from further consideration. This needs to be done before calling unlock_range(), which clears
		// VM_LOCKED, otherwise the oom reaper cannot reliably test it.
		OomReapMm(mm)
		SetBit(MmfOomSkip, &mm.Flags)
	}

	MmapWriteLock(mm)
	if mm.LockedVm.Get() != 0 {
		UnlockRange(mm.Mmap.Get())
	}

	vma := mm.Mmap.Get()
	if vma == nil {
		// Can happen if dup_mmap() received an OOM
		MmapWriteUnlock(mm)
		return
	}

	TlbGatherMmu(&tlb, mm)
	UnmapVmas(&tlb, vma, 0, ^uint64(0))
	FreePgtables(&tlb, vma, FirstUserAddress, UserPgtablesCeiling)
	TlbFinishMmu(&tlb)

	// Walk the list again, actually closing and freeing it.
	for vma != nil {
		vma = RemoveVma(vma)
		CondResched()
	}
	mm.Mmap.Set(nil)
	MmapWriteUnlock(mm)
}
