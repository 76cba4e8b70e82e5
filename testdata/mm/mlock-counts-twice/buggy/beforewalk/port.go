// Package beforewalk is mlock of v5.18 that clears VM_IO before it walks.
//
//mm:kernel v5.18
package beforewalk

import (
	. "github.com/mmvet/mmvet/kernelshim"
	. "github.com/mmvet/mmvet/testdata/mm/internal/actors"
)

// MlockFixup makes newflags the flags of the VMA, and counts its pages as locked or not.
//
//mm:port mlock_fixup mm/mlock.c v5.18
func MlockFixup(vma *VmAreaStruct, newflags VmFlagsT, cpu *Cpu) {
	oldflags := vma.VmFlags.Get()
	if newflags == oldflags || oldflags&VmSpecial != 0 {
		// don't set VM_LOCKED or VM_LOCKONFAULT and don't count
		return
	}
	// vm_flags is protected by the mmap_lock held in write mode. It's okay if try_to_unmap_one unmaps a page just after we
	// set VM_LOCKED, populate_vma_page_range will bring it back.
	if newflags&VmLocked != 0 && oldflags&VmLocked != 0 {
		// No work to do, and mlocking twice would be wrong
		vma.VmFlags.Set(newflags)
	} else {
		MlockVmaPagesRange(vma, vma.VmStart.Get(), vma.VmEnd.Get(), newflags, cpu)
	}
}

// MlockVmaPagesRange mlocks or munlocks the pages that are mapped in the range.
//
//mm:port mlock_vma_pages_range mm/mlock.c v5.18
func MlockVmaPagesRange(vma *VmAreaStruct, start, end uint64, newflags VmFlagsT, cpu *Cpu) {
	mlockWalkOps := MmWalkOps{PmdEntry: MlockPteRange}

	// There is a slight chance that concurrent page migration, or page reclaim finding a page of this now-VM_LOCKED vma, will
	// call mlock_vma_page() and raise page's mlock_count: double counting, leaving the page unevictable indefinitely.
	// Communicate this danger to mlock_vma_page() with VM_IO, which is a VM_SPECIAL flag not allowed on VM_LOCKED vmas.
	// mmap_lock is held in write mode here, so this weird combination should not be visible to other mmap_lock users; but
	// WRITE_ONCE so rmap walkers must see VM_IO if VM_LOCKED.
	if newflags&VmLocked != 0 {
		newflags |= VmIo
	}
	WriteOnce(&vma.VmFlags, newflags)

	LruAddDrain(cpu)
	if newflags&VmIo != 0 {
		newflags &^= VmIo
		WriteOnce(&vma.VmFlags, newflags)
	}
	WalkPageRange(vma.VmMm, start, end, &mlockWalkOps, cpu)
	LruAddDrain(cpu)
}

// MlockPteRange looks at one table of PTEs.
//
//mm:port mlock_pte_range mm/mlock.c v5.18
func MlockPteRange(pmd *Word[PmdT], addr, end uint64, walk *MmWalk) int {
	vma := walk.Vma
	cpu := walk.Private.(*Cpu)

	startPte, ptl := PteOffsetMapLock(vma.VmMm, pmd, addr)
	for i := 0; addr < end; i, addr = i+1, addr+PageSize {
		pte := PteAdvance(startPte, i).Get()
		if !PtePresent(pte) {
			continue
		}
		page := VmNormalPage(vma, addr, pte)
		if page == nil {
			continue
		}
		if vma.VmFlags.Get()&VmLocked != 0 {
			MlockFolio(PageFolio(page), cpu)
		} else {
			MunlockFolio(PageFolio(page), cpu)
		}
	}
	PteUnmapUnlock(startPte, ptl)
	CondResched()
	return 0
}
