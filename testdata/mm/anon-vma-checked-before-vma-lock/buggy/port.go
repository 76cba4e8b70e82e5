// Package buggy is lock_vma_under_rcu of v6.4.
//
//mm:kernel v6.4
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/vma"
)

// LockVmaUnderRcu finds and read-locks the VMA at address without mmap_lock, or returns nil: then the fault takes mmap_lock.
//
//mm:port lock_vma_under_rcu mm/memory.c v6.4
func LockVmaUnderRcu(mm *MmStruct, address uint64) *VmAreaStruct {
	mas := MaState{Mm: mm, Index: address}

	var vma *VmAreaStruct

	RcuReadLock()
retry:
	vma = MasWalk(&mas)
	if vma == nil {
		goto inval
	}

	// Only anonymous vmas are supported for now
	if !VmaIsAnonymous(vma) {
		goto inval
	}

	// find_mergeable_anon_vma uses adjacent vmas which are not locked
	if vma.AnonVma.Get() == nil {
		goto inval
	}

	if !VmaStartRead(vma) {
		goto inval
	}

	// Check since vm_start/vm_end might change before we lock the VMA
	if address < vma.VmStart.Get() || address >= vma.VmEnd.Get() {
		goto invalEndRead
	}

	// Check if the VMA got isolated after we found it
	if vma.Detached.Get() {
		VmaEndRead(vma)
		// The area was replaced with another one
		goto retry
	}

	RcuReadUnlock()
	return vma // want "recheck: LockVmaUnderRcu promises that ret.anon_vma, which is not known under its locks here"

invalEndRead:
	VmaEndRead(vma)
inval:
	RcuReadUnlock()
	return nil
}
