// Package dangling is exit_mmap of v5.17-rc1 to rc5, before f798a1d4f94d.
//
//mm:kernel v5.17
package dangling

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/actors"
)

// ExitMmap is exit_mmap of v5.17-rc1 to rc5, before f798a1d4f94d: it unlocks, and mm->mmap still points to the first
// of the VMAs that it has freed.
//
//mm:port exit_mmap mm/mmap.c v5.17
func ExitMmap(mm *MmStruct) {
	var tlb MmuGather

	MmuNotifierRelease(mm)

	if TestBit(MmfOomVictim, &mm.Flags) {
		OomReapMm(mm)
		SetBit(MmfOomSkip, &mm.Flags)
	}

	MmapWriteLock(mm)
	if mm.LockedVm.Get() != 0 {
		UnlockRange(mm.Mmap.Get())
	}

	vma := mm.Mmap.Get()
	if vma == nil {
		MmapWriteUnlock(mm)
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
	MmapWriteUnlock(mm)
}
