package actors

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/vma"
)

// FaultUnderVmaLock is a page fault that takes no mmap_lock, as far as it makes the VMA's anon_vma, or waits for a file's folio.
func FaultUnderVmaLock(mm *MmStruct, address uint64, lockVmaUnderRcu func(*MmStruct, uint64) *VmAreaStruct) {
	vma := lockVmaUnderRcu(mm, address)
	if vma == nil {
		return
	}
	Assert(vma.VmStart.Get() <= address && address < vma.VmEnd.Get(), "the fault at %#x is handled in a VMA that ends at %#x", address, vma.VmEnd.Get())
	if !VmaIsAnonymous(vma) {
		LockFolioMaybeDropMmap(vma)
	} else if vma.AnonVma.Get() == nil {
		FindMergeableAnonVma(vma) // __anon_vma_prepare
	}
	VmaEndRead(vma)
}

// LockFolioMaybeDropMmap is lock_folio_maybe_drop_mmap of filemap_fault, when the folio is locked: to wait for it the fault gives
// mmap_lock back, whoever has it, and will be tried again. Needs mmap for reading.
//
//mm:port lock_folio_maybe_drop_mmap mm/filemap.c v6.5
func LockFolioMaybeDropMmap(vma *VmAreaStruct) { MmapReadUnlock(vma.VmMm) }

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

// MunmapTail is munmap of what a VMA maps from end on, which is nothing yet (v6.5): the VMA is made shorter, as by __split_vma. A
// fault that has found it before, or finds it in the tree by its old end, must look at the end.
func MunmapTail(vma *VmAreaStruct, end uint64) {
	MmapWriteLock(vma.VmMm)
	VmaStartWrite(vma)
	vma.VmEnd.Set(end)
	MmapWriteUnlock(vma.VmMm)
}
