// Package fixed is how mremap moves page-table entries in v4.19.
//
//mm:kernel v4.19
package fixed

import . "github.com/mmvet/mmvet/kernelshim"

// MovePageTables moves what is mapped at [oldAddr, oldAddr+len), which lies below one PMD entry, to newAddr.
//
//mm:port move_page_tables mm/mremap.c v4.19
func MovePageTables(vma *VmAreaStruct, oldAddr uint64, newVma *VmAreaStruct, newAddr, len uint64) {
	oldEnd := oldAddr + len
	oldPmd := MmFindPmd(vma.VmMm, oldAddr) // get_old_pmd
	newPmd := MmFindPmd(vma.VmMm, newAddr) // alloc_new_pmd
	MovePtes(vma, oldPmd, oldAddr, oldEnd, newVma, newPmd, newAddr)
}

// MovePtes moves the entries of one table. The caller holds the mmap lock for writing; the reverse map need not be locked, for
// walkers go through the VMAs in the order in which entries move.
//
//mm:port move_ptes mm/mremap.c v4.19
func MovePtes(vma *VmAreaStruct, oldPmd *Word[PmdT], oldAddr, oldEnd uint64,
	newVma *VmAreaStruct, newPmd *Word[PmdT], newAddr uint64) {
	mm := vma.VmMm
	forceFlush := false
	length := oldEnd - oldAddr

	// We don't have to worry about the ordering of src and dst pte locks because exclusive mmap_sem prevents deadlock.
	oldPte, oldPtl := PteOffsetMapLock(mm, oldPmd, oldAddr)
	newPte := PteOffsetMap(newPmd, newAddr)
	newPtl := PteLockptr(mm, newPmd)
	if newPtl != oldPtl {
		SpinLockNested(newPtl, 1)
	}

	for i := 0; oldAddr < oldEnd; i, oldAddr, newAddr = i+1, oldAddr+PageSize, newAddr+PageSize {
		if PteNone(PteAdvance(oldPte, i).Get()) {
			continue
		}
		pte := PtepGetAndClear(mm, oldAddr, PteAdvance(oldPte, i))
		// If we are remapping a valid PTE, make sure to flush TLB before we drop the PTL for the PTE.
		//
		// NOTE! Both old and new PTL matter: the old one for racing with page_mkclean(), the new one to make sure the physical
		// page stays valid until the TLB entry for the old mapping has been flushed.
		if PtePresent(pte) {
			forceFlush = true
		}
		SetPteAt(mm, newAddr, PteAdvance(newPte, i), pte)
	}

	if forceFlush {
		FlushTlbRange(vma, oldEnd-length, oldEnd)
	}
	if newPtl != oldPtl {
		SpinUnlock(newPtl)
	}
	PteUnmap(newPte)
	PteUnmapUnlock(oldPte, oldPtl)
}
