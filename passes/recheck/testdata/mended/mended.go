// Package mended has the functions of package kernel as they were mended.
//
//mm:kernel v6.5
package mended

import . "github.com/mmvet/mmvet/kernelshim"

//mm:port mas_walk lib/maple_tree.c v6.5
func MasWalk(mas any) *VmAreaStruct

//mm:port vma_start_read include/linux/mm.h v6.5
func VmaStartRead(vma *VmAreaStruct) bool

//mm:port vma_end_read include/linux/mm.h v6.5
func VmaEndRead(vma *VmAreaStruct)

// LockVmaUnderRcu is lock_vma_under_rcu of v6.5: nobody clears the anon_vma of a VMA that is locked.
//
//mm:port lock_vma_under_rcu mm/memory.c v6.5
func LockVmaUnderRcu(mm *MmStruct, address uint64) *VmAreaStruct {
	RcuReadLock()
	vma := MasWalk(mm)
	if vma == nil || !VmaStartRead(vma) {
		RcuReadUnlock()
		return nil
	}
	if vma.VmMm != mm || vma.VmFile != nil || vma.AnonVma.Get() == nil {
		VmaEndRead(vma)
		RcuReadUnlock()
		return nil
	}
	if address < vma.VmStart.Get() || address >= vma.VmEnd.Get() {
		VmaEndRead(vma)
		RcuReadUnlock()
		return nil
	}
	RcuReadUnlock()
	return vma
}
