// Package buggy is mremap of a whole page table in v6.11.
//
//mm:kernel v6.11
package buggy

import . "github.com/mmvet/mmvet/kernelshim"

// A PgtEntry is enum pgt_entry, mm/mremap.c: what is moved. Here it is a table of PTEs.
type PgtEntry int

// NormalPmd is NORMAL_PMD.
const NormalPmd PgtEntry = 0

// MovePgtEntry moves the table of PTEs at oldAddr to newAddr. need_rmap_locks is true for all tables (97113eb39fa7, CVE-2022-41222), and left
// out.
//
//mm:port move_pgt_entry mm/mremap.c v6.11
func MovePgtEntry(entry PgtEntry, vma *VmAreaStruct, oldAddr, newAddr uint64, oldEntry, newEntry *Word[PmdT]) bool {
	moved := false

	// See comment in move_ptes()
	TakeRmapLocks(vma)
	switch entry {
	case NormalPmd:
		moved = MoveNormalPmd(vma, oldAddr, newAddr, oldEntry, newEntry)
	}
	DropRmapLocks(vma)
	return moved
}

// TakeRmapLocks locks the reverse maps that the VMA is in.
//
//mm:port take_rmap_locks mm/mremap.c v6.11
func TakeRmapLocks(vma *VmAreaStruct) {
	if vma.VmFile != nil {
		IMmapLockWrite(vma.VmFile.FMapping)
	}
	if vma.AnonVma.Get() != nil {
		AnonVmaLockWrite(vma.AnonVma.Get())
	}
}

// DropRmapLocks unlocks them.
//
//mm:port drop_rmap_locks mm/mremap.c v6.11
func DropRmapLocks(vma *VmAreaStruct) {
	if vma.AnonVma.Get() != nil {
		AnonVmaUnlockWrite(vma.AnonVma.Get())
	}
	if vma.VmFile != nil {
		IMmapUnlockWrite(vma.VmFile.FMapping)
	}
}

// MoveNormalPmd makes newPmd point to the table that oldPmd points to.
//
//mm:port move_normal_pmd mm/mremap.c v6.11
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

	// Clear the pmd
	PmdClear(oldPmd)
	res = true

	VmBugOn(!PmdNone(newPmd.Get()))

	PmdPopulate(mm, newPmd, PmdPgtable(pmd)) // want "recheck: PmdPgtable needs to know under its locks that pmd.kind != none"
	FlushTlbRange(vma, oldAddr, oldAddr+PmdSize)
	if newPtl != oldPtl {
		SpinUnlock(newPtl)
	}
	SpinUnlock(oldPtl)
	return res
}
