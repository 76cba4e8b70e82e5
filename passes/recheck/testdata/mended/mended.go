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

// MoveNormalPmd is move_normal_pmd since v6.12 (6fa1066fc5d0).
func MoveNormalPmd(vma *VmAreaStruct, oldAddr uint64, oldPmd, newPmd *Word[PmdT]) bool {
	mm := vma.VmMm
	if pmd := PmdpGetLockless(oldPmd); PmdNone(pmd) || PmdTransHuge(pmd) {
		return false
	}
	oldPtl := PmdLock(mm, oldPmd)
	pmd := PmdpGet(oldPmd)
	if !PmdPresent(pmd) || PmdLeaf(pmd) {
		SpinUnlock(oldPtl)
		return false
	}
	PmdClear(oldPmd)
	PmdPopulate(mm, newPmd, PmdPgtable(pmd))
	FlushTlbRange(vma, oldAddr, oldAddr+PmdSize)
	SpinUnlock(oldPtl)
	return true
}

// OneFetch tests and uses one value.
func OneFetch(pmdp *Word[PmdT]) *Page {
	pmd := PmdpGetLockless(pmdp)
	if PmdNone(pmd) || !PmdTransHuge(pmd) {
		return nil
	}
	return PmdPage(pmd)
}

// Compared looks again by comparing with the first value, as GUP-fast does after it has taken a reference.
func Compared(pmdp *Word[PmdT]) *Page {
	pmd := PmdpGetLockless(pmdp)
	if !PmdTransHuge(pmd) {
		return nil
	}
	page := PmdPage(pmd)
	FolioTryGet(page.Folio)
	if !PmdSame(pmd, PmdpGetLockless(pmdp)) {
		FolioPut(page.Folio)
		return nil
	}
	return page
}

// Locked looks again under the lock.
func Locked(mm *MmStruct, pmdp *Word[PmdT]) *Page {
	if !PmdTransHuge(PmdpGetLockless(pmdp)) {
		return nil
	}
	ptl := PmdLock(mm, pmdp)
	defer SpinUnlock(ptl)
	if pmd := PmdpGet(pmdp); PmdTransHuge(pmd) {
		return PmdPage(pmd)
	}
	return nil
}

// Retry starts over with a new value.
func Retry(pmdp *Word[PmdT]) PmdT {
	for {
		pmd := PmdpGetLockless(pmdp)
		if PmdPresent(pmd) {
			return pmd
		}
	}
}

// Updated reads what it has written.
func Updated(pmdp *Word[PmdT], pmd PmdT) PmdT {
	if PmdNone(PmdpGetLockless(pmdp)) {
		pmdp.Set(pmd)
		return PmdpGetLockless(pmdp)
	}
	return pmd
}
