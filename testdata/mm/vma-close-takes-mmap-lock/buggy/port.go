// Package buggy is a driver that accounts for the pages it pins under mmap_lock, also when a mapping is closed.
//
//mm:kernel v5.17
package buggy

import . "github.com/mmvet/mmvet/kernelshim"

// Ops are the operations of the driver's mappings.
func Ops() *VmOperationsStruct { return &VmOperationsStruct{Close: VmaClose} }

// VmaClose gives back what the mapping pinned. It runs under mmap_lock: in exit_mmap, in munmap, where a split fails.
func VmaClose(vma *VmAreaStruct) {
	mm := vma.VmMm
	MmapWriteLock(mm) // want "mmap"
	AtomicSub(int64((vma.VmEnd.Get()-vma.VmStart.Get())>>PageShift), &mm.PinnedVm)
	MmapWriteUnlock(mm)
}
