// Package vmalock is the input of TestVmaLock: the lock of a VMA, whose write section ends with that of mmap.
//
//mm:kernel v6.12
package vmalock

import . "github.com/mmvet/mmvet/kernelshim"

//mm:port lock_vma_under_rcu mm/memory.c v6.12
func LockVmaUnderRcu(mm *MmStruct, address uint64) *VmAreaStruct

//mm:port vma_end_read include/linux/mm.h v6.12
func VmaEndRead(vma *VmAreaStruct)

//mm:port vma_start_write include/linux/mm.h v6.12
func VmaStartWrite(vma *VmAreaStruct)

//mm:port vma_assert_write_locked include/linux/mm.h v6.12
func VmaAssertWriteLocked(vma *VmAreaStruct)

//mm:port vm_flags_reset include/linux/mm.h v6.12
func VmFlagsReset(vma *VmAreaStruct, flags uint64)

//mm:port vm_flags_set include/linux/mm.h v6.12
func VmFlagsSet(vma *VmAreaStruct, flags uint64)

//mm:port vma_assert_locked include/linux/mm.h v6.12
func VmaAssertLocked(vma *VmAreaStruct)

//mm:port lock_mm_and_find_vma mm/memory.c v6.12
func LockMmAndFindVma(mm *MmStruct, addr uint64, regs any) *VmAreaStruct

// What the fault handler returns, and the flags that it gets: include/linux/mm_types.h.
const (
	VmFaultRetry     = 0x400
	VmFaultCompleted = 0x4000
	FaultFlagVmaLock = 0x1000
)

//mm:port handle_mm_fault mm/memory.c v6.12
func HandleMmFault(vma *VmAreaStruct, address uint64, flags uint, regs any) int

func UnderRcu(mm *MmStruct) {
	vma := LockVmaUnderRcu(mm, 0)
	if vma == nil {
		return
	}
	VmaAssertLocked(vma)
	VmaAssertWriteLocked(vma) // want `VmaAssertWriteLocked needs vma\(vma\) held for writing \(it is held for reading\)`
	VmaEndRead(vma)
	VmaAssertLocked(vma) // want `VmaAssertLocked needs`
}

func StartWrite(mm *MmStruct) {
	MmapWriteLock(mm)
	vma := FindVma(mm, 0)
	VmFlagsReset(vma, 0) // want `VmFlagsReset needs vma\(vma\) held for writing$`
	VmaStartWrite(vma)
	VmFlagsReset(vma, 0)
	MmapWriteUnlock(mm)
	VmFlagsReset(vma, 0) // want `VmFlagsReset needs mmap` `VmFlagsReset needs vma`
}

// EndsByUnlock does not find the VMA locked in the second section.
func EndsByUnlock(mm *MmStruct) {
	MmapWriteLock(mm)
	vma := FindVma(mm, 0)
	VmaStartWrite(vma)
	MmapWriteUnlock(mm)
	MmapWriteLock(mm)
	VmFlagsReset(vma, 0) // want `VmFlagsReset needs vma`
	VmFlagsSet(vma, 0)
	VmFlagsReset(vma, 0)
	MmapWriteUnlock(mm)
}

func EndsByDowngrade(mm *MmStruct) {
	MmapWriteLock(mm)
	vma := FindVma(mm, 0)
	VmaStartWrite(vma)
	MmapWriteDowngrade(mm)
	VmaAssertWriteLocked(vma) // want `VmaAssertWriteLocked needs vma`
	VmaAssertLocked(vma)
	MmapReadUnlock(mm)
}

func NotUnderRead(mm *MmStruct) {
	MmapReadLock(mm)
	VmaStartWrite(FindVma(mm, 0)) // want `VmaStartWrite needs mmap\(mm\) held for writing \(it is held for reading\)`
	MmapReadUnlock(mm)
}

// Fault is the user fault path: first under the VMA, then under mmap.
func Fault(mm *MmStruct, address uint64) {
	flags := uint(0)
	vma := LockVmaUnderRcu(mm, address)
	if vma != nil {
		fault := HandleMmFault(vma, address, FaultFlagVmaLock, nil)
		if fault&(VmFaultRetry|VmFaultCompleted) == 0 {
			VmaEndRead(vma)
			return
		}
	}
	vma = LockMmAndFindVma(mm, address, nil)
	if vma == nil {
		return
	}
	fault := HandleMmFault(vma, address, flags&^FaultFlagVmaLock, nil)
	if fault&VmFaultCompleted != 0 {
		return
	}
	if fault&VmFaultRetry != 0 {
		return
	}
	MmapReadUnlock(mm)
}

// AfterRetry uses what the fault has released.
func AfterRetry(mm *MmStruct, address uint64) {
	MmapReadLock(mm)
	vma := FindVma(mm, address)
	fault := HandleMmFault(vma, address, 0, nil)
	if fault&VmFaultRetry != 0 {
		FindVma(mm, address) // want `FindVma needs mmap\(mm\) held`
		return
	}
	if fault&VmFaultCompleted != 0 {
		FindVma(mm, address) // want `FindVma needs mmap\(mm\) held`
		return
	}
	FindVma(mm, address)
	MmapReadUnlock(mm)
}

func NoLock(vma *VmAreaStruct) {
	HandleMmFault(vma, 0, 0, nil) // want `HandleMmFault needs one of mmap\(vma.VmMm\) and vma\(vma\) held`
}
