// Package fixed is how a VMA gets its anon_vma in v6.12.112: by a release.
//
//mm:kernel v6.12
package fixed

import "github.com/mmvet/mmvet/kernelshim"

// AnonVmaPrepare gives the VMA an anon_vma of its own. Two faults may race here.
//
//mm:port __anon_vma_prepare mm/rmap.c v6.12
func AnonVmaPrepare(vma *kernelshim.VmAreaStruct) int {
	mm := vma.VmMm
	anonVma := kernelshim.AnonVmaAlloc()
	anonVma.NumChildren.Set(anonVma.NumChildren.Get() + 1) // self-parent link for new root
	allocated := anonVma

	// page_table_lock to protect against threads
	kernelshim.SpinLock(&mm.PageTableLock)
	if vma.AnonVma.Get() == nil {
		// Paired with the address dependency in reusable_anon_vma(), which takes no lock.
		kernelshim.SmpStoreRelease(&vma.AnonVma, anonVma)
		anonVma.NumActiveVmas.Set(anonVma.NumActiveVmas.Get() + 1)
		allocated = nil
	}
	kernelshim.SpinUnlock(&mm.PageTableLock)
	if allocated != nil {
		kernelshim.PutAnonVma(allocated)
	}
	return 0
}

// ReusableAnonVma is the anon_vma of old, which a neighbour may share, and the first that its callers look at.
//
//mm:port reusable_anon_vma mm/vma.c v6.12
func ReusableAnonVma(old *kernelshim.VmAreaStruct) (anonVma *kernelshim.AnonVma, numChildren uint64) {
	anonVma = kernelshim.ReadOnce(&old.AnonVma)
	if anonVma != nil {
		numChildren = anonVma.NumChildren.Get()
	}
	return anonVma, numChildren
}
