// Package fixed is the driver with a counter that needs no lock (70f8a3ca68d3, v5.1).
//
//mm:kernel v5.17
package fixed

import . "github.com/mmvet/mmvet/kernelshim"

// Ops are the operations of the driver's mappings.
func Ops() *VmOperationsStruct { return &VmOperationsStruct{Close: VmaClose} }

// VmaClose gives back what the mapping pinned. It runs under mmap_lock: in exit_mmap, in munmap, where a split fails.
func VmaClose(vma *VmAreaStruct) {
	mm := vma.VmMm
	AtomicSub(int64((vma.VmEnd.Get()-vma.VmStart.Get())>>PageShift), &mm.PinnedVm)
}
