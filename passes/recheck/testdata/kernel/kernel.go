// Package kernel relies on what it found before it took a lock.
//
//mm:kernel v6.4
package kernel

import . "github.com/mmvet/mmvet/kernelshim"

//mm:port mas_walk lib/maple_tree.c v6.4
func MasWalk(mas any) *VmAreaStruct

//mm:port vma_start_read include/linux/mm.h v6.4
func VmaStartRead(vma *VmAreaStruct) bool

//mm:port vma_end_read include/linux/mm.h v6.4
func VmaEndRead(vma *VmAreaStruct)

// LockVmaUnderRcu is lock_vma_under_rcu of v6.4: it tests the anon_vma before it locks the VMA, and mremap may take it away
// in between (657b5146955e).
//
//mm:port lock_vma_under_rcu mm/memory.c v6.4
func LockVmaUnderRcu(mm *MmStruct, address uint64) *VmAreaStruct {
	RcuReadLock()
	vma := MasWalk(mm)
	if vma == nil || vma.VmMm != mm || vma.VmFile != nil {
		RcuReadUnlock()
		return nil
	}
	if vma.AnonVma.Get() == nil {
		RcuReadUnlock()
		return nil
	}
	if !VmaStartRead(vma) {
		RcuReadUnlock()
		return nil
	}
	if address < vma.VmStart.Get() || address >= vma.VmEnd.Get() {
		VmaEndRead(vma)
		RcuReadUnlock()
		return nil
	}
	RcuReadUnlock()
	return vma // want `recheck: LockVmaUnderRcu promises that ret.anon_vma, which is not known under its locks here`
}
