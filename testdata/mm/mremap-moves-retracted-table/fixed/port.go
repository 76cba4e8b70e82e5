// Package fixed is mremap of a whole page table in v6.12.
//
//mm:kernel v6.12
package fixed

import . "github.com/mmvet/mmvet/kernelshim"

// MovePgtEntry moves the table of PTEs at oldAddr to newAddr. Both reverse maps are locked, whatever is needed for single PTEs.
//
//mm:port move_pgt_entry mm/mremap.c v6.12
func MovePgtEntry(vma *VmAreaStruct, oldAddr, newAddr uint64, oldPmd, newPmd *Word[PmdT]) bool {
	// See comment in move_ptes(): take_rmap_locks
	if vma.VmFile != nil {
		IMmapLockWrite(vma.VmFile.FMapping)
	}
	if vma.AnonVma.Get() != nil {
		AnonVmaLockWrite(vma.AnonVma.Get())
	}
	moved := MoveNormalPmd(vma, oldAddr, newAddr, oldPmd, newPmd)
	if vma.AnonVma.Get() != nil {
		AnonVmaUnlockWrite(vma.AnonVma.Get())
	}
	if vma.VmFile != nil {
		IMmapUnlockWrite(vma.VmFile.FMapping)
	}
	return moved
}

// MoveNormalPmd makes newPmd point to the table that oldPmd points to.
//
//mm:port move_normal_pmd mm/mremap.c v6.12
func MoveNormalPmd(vma *VmAreaStruct, oldAddr, newAddr uint64, oldPmd, newPmd *Word[PmdT]) bool {
	mm := vma.VmMm
	res := false
	var pmd PmdT

	// The destination pmd shouldn't be established, free_pgtables() should have released it.
	if WarnOnOnce(!PmdNone(newPmd.Get())) {
		return false
	}

	// We don't have to worry about the ordering of src and dst ptlocks because exclusive mmap_lock prevents deadlock.
	oldPtl := PmdLock(mm, oldPmd)
	newPtl := PmdLockptr(mm, newPmd)
	if newPtl != oldPtl {
		SpinLockNested(newPtl, 1)
	}

	pmd = oldPmd.Get()

	// Racing with collapse?
	if !PmdPresent(pmd) || PmdLeaf(pmd) {
		goto outUnlock
	}
	// Clear the pmd
	PmdClear(oldPmd)
	res = true

	VmBugOn(!PmdNone(newPmd.Get()))

	PmdPopulate(mm, newPmd, PmdPgtable(pmd))
	FlushTlbRange(vma, oldAddr, oldAddr+PmdSize)
outUnlock:
	if newPtl != oldPtl {
		SpinUnlock(newPtl)
	}
	SpinUnlock(oldPtl)
	return res
}
