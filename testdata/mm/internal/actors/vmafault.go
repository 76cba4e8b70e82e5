package actors

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/vma"
)

// FaultUnderVmaLock is an anonymous page fault that takes no mmap_lock, as far as it makes the VMA's anon_vma.
func FaultUnderVmaLock(mm *MmStruct, address uint64, lockVmaUnderRcu func(*MmStruct, uint64) *VmAreaStruct) {
	vma := lockVmaUnderRcu(mm, address)
	if vma == nil {
		return
	}
	if vma.AnonVma.Get() == nil {
		FindMergeableAnonVma(vma) // __anon_vma_prepare
	}
	VmaEndRead(vma)
}

// FindMergeableAnonVma returns the anon_vma of a neighbour that the VMA may share. Needs mmap_lock: the neighbours are not locked.
//
//mm:port find_mergeable_anon_vma mm/mmap.c v6.4
func FindMergeableAnonVma(vma *VmAreaStruct) *AnonVma {
	next := vma.VmNext.Get()
	if next == nil {
		return nil
	}
	return ReusableAnonVma(next, vma, next)
}

// ReusableAnonVma is the anon_vma of old, if the two VMAs can be merged.
//
//mm:port reusable_anon_vma mm/mmap.c v6.4
func ReusableAnonVma(old, a, b *VmAreaStruct) *AnonVma {
	if a.VmEnd.Get() != b.VmStart.Get() || a.VmFlags.Get() != b.VmFlags.Get() {
		return nil
	}
	return ReadOnce(&old.AnonVma)
}

// MremapDontunmap is move_vma with MREMAP_DONTUNMAP, when the pages have moved: the old VMA has no anonymous pages any more.
func MremapDontunmap(vma *VmAreaStruct) {
	MmapWriteLock(vma.VmMm)
	VmaStartWrite(vma)
	UnlinkAnonVmas(vma)
	MmapWriteUnlock(vma.VmMm)
}

// MunmapVma is munmap of a VMA that maps nothing (v6.5): it is taken out of the tree under mmap_lock for writing, and taken apart
// under a downgraded lock, when VMAs are not locked any more. The struct is freed by RCU.
func MunmapVma(vma *VmAreaStruct) {
	MmapWriteLock(vma.VmMm)
	VmaStartWrite(vma)
	VmaErase(vma.VmMm, vma)
	VmaMarkDetached(vma, true)
	MmapWriteDowngrade(vma.VmMm)
	UnlinkAnonVmas(vma)
	MmapReadUnlock(vma.VmMm)
	CallRcu("vm_area_free_rcu_cb", func() { VmAreaFree(vma) })
}
