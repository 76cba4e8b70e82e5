package actors

import . "github.com/mmvet/mmvet/kernelshim"

// DoMunmap unmaps the whole VMA at start.
//
//mm:port __do_munmap mm/mmap.c v5.17
func DoMunmap(mm *MmStruct, start uint64) {
	var tlb MmuGather
	MmapWriteLock(mm)
	vma := VmaLookup(mm, start)
	if vma == nil {
		MmapWriteUnlock(mm)
		return
	}
	VmaErase(mm, vma) // detach_vmas_to_be_unmapped
	// unmap_region
	TlbGatherMmu(&tlb, mm)
	UnmapVmas(&tlb, vma, vma.VmStart.Get(), vma.VmEnd.Get())
	FreePgtables(&tlb, vma, FirstUserAddress, UserPgtablesCeiling)
	TlbFinishMmu(&tlb)
	RemoveVma(vma) // remove_vma_list
	MmapWriteUnlock(mm)
}
