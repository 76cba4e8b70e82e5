// Package kernel relies on what it found before a callee dropped the mmap lock.
//
//mm:kernel v6.16
package kernel

import . "github.com/mmvet/mmvet/kernelshim"

//mm:port madvise_willneed mm/madvise.c v6.16
func MadviseWillneed(vma *VmAreaStruct, prev **VmAreaStruct, start, end uint64) int

//mm:port fixup_user_fault mm/gup.c v6.16
func FixupUserFault(mm *MmStruct, address uint64, faultFlags uint, unlocked *bool) int

//mm:port expand_stack mm/mmap.c v6.16
func ExpandStack(mm *MmStruct, addr uint64) *VmAreaStruct

// Advise goes on with the VMA that madvise_willneed may have lost (K49: "mm: madvise: fix vma user-after-free").
func Advise(mm *MmStruct, start, end uint64) uint64 {
	var prev *VmAreaStruct
	MmapReadLock(mm)
	vma := FindVma(mm, start)
	if vma == nil {
		MmapReadUnlock(mm)
		return 0
	}
	MadviseWillneed(vma, &prev, start, end)
	next := vma.VmEnd.Get() // want `droppedlock: vma is used after MadviseWillneed dropped the lock that kept it`
	MmapReadUnlock(mm)
	return next
}

func AdviseAgain(mm *MmStruct, start, end uint64) uint64 {
	var prev *VmAreaStruct
	MmapReadLock(mm)
	vma := FindVma(mm, start)
	if vma == nil {
		MmapReadUnlock(mm)
		return 0
	}
	MadviseWillneed(vma, &prev, start, end)
	vma = FindVma(mm, start)
	next := vma.VmEnd.Get()
	MmapReadUnlock(mm)
	return next
}

// Fixup lets fixup_user_fault drop the lock, and does not look.
func Fixup(mm *MmStruct, addr uint64) {
	unlocked := false
	MmapReadLock(mm)
	vma := FindVma(mm, addr)
	FixupUserFault(mm, addr, 0, &unlocked)
	vma.VmFlags.Get() // want `droppedlock: vma is used after FixupUserFault dropped the lock that kept it`
	MmapReadUnlock(mm)
}

func FixupLocked(mm *MmStruct, addr uint64) {
	MmapReadLock(mm)
	vma := FindVma(mm, addr)
	FixupUserFault(mm, addr, 0, nil)
	vma.VmFlags.Get()
	MmapReadUnlock(mm)
}

// Grow is StackRot's reader (CVE-2023-3269) seen from the caller: what was found before the stack grew is stale.
func Grow(mm *MmStruct, addr uint64) uint64 {
	MmapReadLock(mm)
	old := FindVma(mm, addr)
	vma := ExpandStack(mm, addr)
	if vma == nil {
		return 0
	}
	n := vma.VmStart.Get()
	n += old.VmStart.Get() // want `droppedlock: old is used after ExpandStack dropped the lock that kept it`
	MmapReadUnlock(mm)
	return n
}

// relock drops the lock of its callers, which no contract says.
func relock(mm *MmStruct) {
	MmapReadUnlock(mm)
	MmapReadLock(mm)
}

func Inferred(mm *MmStruct, addr uint64) uint64 {
	MmapReadLock(mm)
	vma := FindVma(mm, addr)
	relock(mm)
	n := vma.VmStart.Get() // want `droppedlock: vma is used after relock dropped the lock that kept it`
	MmapReadUnlock(mm)
	return n
}

// FolioReferencedOne keeps to its contract, which says nothing of a drop.
//
//mm:port find_vma_prev mm/mmap.c v6.16
func FindVmaPrev(mm *MmStruct, addr uint64, pprev **VmAreaStruct) *VmAreaStruct {
	MmapReadUnlock(mm) // want `droppedlock: mmap\(mm\) is dropped, and FindVmaPrev's contract does not say so`
	MmapReadLock(mm)
	return nil
}
