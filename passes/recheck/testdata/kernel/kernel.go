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

// MoveNormalPmd is move_normal_pmd until v6.12, with the look at the entry that its caller takes: retract_page_tables may have
// cleared it before the locks are taken (CVE-2024-50066).
func MoveNormalPmd(vma *VmAreaStruct, oldAddr uint64, oldPmd, newPmd *Word[PmdT]) bool {
	mm := vma.VmMm
	if pmd := PmdpGetLockless(oldPmd); PmdNone(pmd) || PmdTransHuge(pmd) {
		return false
	}
	oldPtl := PmdLock(mm, oldPmd)
	pmd := PmdpGet(oldPmd)
	PmdClear(oldPmd) // want `recheck: oldPmd is written on the strength of a check before pml\(oldPmd\) was taken`
	SetPmdAt(mm, oldAddr, newPmd, pmd)
	FlushTlbRange(vma, oldAddr, oldAddr+PmdSize)
	SpinUnlock(oldPtl)
	return true
}

// MovedTable is the same from the lock on, where nothing is left of the caller's look at the entry.
func MovedTable(mm *MmStruct, oldPmd, newPmd *Word[PmdT]) {
	oldPtl := PmdLock(mm, oldPmd)
	pmd := PmdpGet(oldPmd)
	PmdClear(oldPmd)
	PmdPopulate(mm, newPmd, PmdPgtable(pmd)) // want `recheck: PmdPgtable needs to know under its locks that pmd.kind != none`
	SpinUnlock(oldPtl)
}

// MovedIfPresent looks at it under the lock.
func MovedIfPresent(mm *MmStruct, oldPmd, newPmd *Word[PmdT]) {
	oldPtl := PmdLock(mm, oldPmd)
	pmd := PmdpGet(oldPmd)
	if PmdPresent(pmd) && !PmdLeaf(pmd) {
		PmdClear(oldPmd)
		PmdPopulate(mm, newPmd, PmdPgtable(pmd))
	}
	SpinUnlock(oldPtl)
}

// TwoTests tests two values of the entry as if they were one, as "pmd_none(*pmd) || pmd_trans_huge(*pmd)" does.
func TwoTests(pmdp *Word[PmdT]) bool {
	return PmdNone(PmdpGetLockless(pmdp)) || PmdTransHuge(PmdpGetLockless(pmdp)) // want `recheck: pmdp is read again without its lock: what was checked is another value`
}

// TestAndUse checks one value and uses another.
func TestAndUse(pmdp *Word[PmdT]) *Page {
	if !PmdTransHuge(ReadOnce(pmdp)) {
		return nil
	}
	return PmdPage(ReadOnce(pmdp)) // want `recheck: pmdp is read again without its lock: what was checked is another value`
}

// ExitMmap is the end of exit_mmap since v6.0: that there are VMAs is looked at under the lock for reading, and under the lock for
// writing there are none any more. To say so twice would be no mistake.
func ExitMmap(mm *MmStruct) {
	MmapReadLock(mm)
	if mm.Mmap.Get() == nil {
		MmapReadUnlock(mm)
		return
	}
	MmapReadUnlock(mm)
	MmapWriteLock(mm)
	mm.Mmap.Set(nil)
	MmapWriteUnlock(mm)
}
