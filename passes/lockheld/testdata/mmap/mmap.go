// Package mmap is the input of TestMmap: the primitives of the kernel and the forms that their use has.
//
//mm:kernel v6.1
package mmap

import . "github.com/mmvet/mmvet/kernelshim"

func Read(mm *MmStruct, addr uint64) {
	FindVma(mm, addr) // want `lockheld: FindVma needs mmap\(mm\) held$`
	MmapReadLock(mm)
	FindVma(mm, addr)
	MmapReadUnlock(mm)
	FindVma(mm, addr) // want `FindVma needs mmap\(mm\) held$`
}

//mm:port expand_upwards mm/mmap.c v6.6
func ExpandUpwards(vma *VmAreaStruct, address uint64) int { return 0 }

func Write(mm *MmStruct, vma *VmAreaStruct) {
	MmapReadLock(vma.VmMm)
	ExpandUpwards(vma, 0) // want `ExpandUpwards needs mmap\(vma.VmMm\) held for writing \(it is held for reading\)`
	MmapReadUnlock(vma.VmMm)
	MmapWriteLock(vma.VmMm)
	ExpandUpwards(vma, 0)
	MmapWriteUnlock(vma.VmMm)
	MmapWriteLock(mm)
	ExpandUpwards(vma, 0) // want `mmap\(vma.VmMm\)`
	MmapWriteUnlock(mm)
}

// Found is the VMA's mm by the lookup.
func Found(mm *MmStruct) {
	MmapWriteLock(mm)
	vma := FindVma(mm, 0)
	ExpandUpwards(vma, 0)
	MmapWriteUnlock(mm)
}

func Downgrade(mm *MmStruct, vma *VmAreaStruct) {
	MmapWriteLock(mm)
	vma = FindVma(mm, 0)
	MmapWriteDowngrade(mm)
	FindVma(mm, 0)
	ExpandUpwards(vma, 0) // want `held for writing \(it is held for reading\)`
	MmapReadUnlock(mm)
}

// DowngradeIf is munmap: it downgrades if it may, and unlocks accordingly.
func DowngradeIf(mm *MmStruct, downgrade bool) {
	MmapWriteLock(mm)
	if downgrade {
		MmapWriteDowngrade(mm)
	}
	FindVma(mm, 0)
	if !downgrade {
		ExpandUpwards(FindVma(mm, 0), 0)
	}
	if downgrade {
		MmapReadUnlock(mm)
	} else {
		MmapWriteUnlock(mm)
	}
}

func Trylock(mm *MmStruct) int {
	if !MmapReadTrylock(mm) {
		FindVma(mm, 0) // want `FindVma needs`
		return -EAGAIN
	}
	FindVma(mm, 0)
	MmapReadUnlock(mm)
	if MmapWriteTrylock(mm) {
		ExpandUpwards(FindVma(mm, 0), 0)
		MmapWriteUnlock(mm)
	}
	return 0
}

func Killable(mm *MmStruct) int {
	if MmapWriteLockKillable(mm) != 0 {
		FindVma(mm, 0) // want `FindVma needs`
		return -EINTR
	}
	FindVma(mm, 0)
	MmapWriteUnlock(mm)
	if err := MmapReadLockKillable(mm); err != 0 {
		return err
	}
	FindVma(mm, 0)
	MmapReadUnlock(mm)
	ret := MmapReadLockKillable(mm)
	if ret == 0 {
		FindVma(mm, 0)
		MmapReadUnlock(mm)
	}
	if ret < 0 {
		return ret
	}
	FindVma(mm, 0) // want `FindVma needs`
	return ret
}

// Negative tests for errno by its sign.
func Negative(mm *MmStruct) int {
	err := MmapReadLockKillable(mm)
	if err < 0 {
		return err
	}
	FindVma(mm, 0)
	MmapReadUnlock(mm)
	return 0
}

// Backout takes mmap under the lock of the mapping, which only a trylock may.
func Backout(mapping *AddressSpace) {
	IMmapLockRead(mapping)
	for vma := VmaIntervalTreeIterFirst(mapping, 0, 1); vma != nil; vma = VmaIntervalTreeIterNext(vma, 0, 1) {
		if !MmapWriteTrylock(vma.VmMm) {
			continue
		}
		ExpandUpwards(vma, 0)
		MmapWriteUnlock(vma.VmMm)
	}
	IMmapUnlockRead(mapping)
	VmaIntervalTreeIterFirst(mapping, 0, 1) // want `VmaIntervalTreeIterFirst needs imap\(mapping\) held`
}

// Pte maps a table and locks it; there may be none.
func Pte(mm *MmStruct, vma *VmAreaStruct, pmd *Word[PmdT], addr uint64) {
	MmapReadLock(mm)
	pte, ptl := PteOffsetMapLock(mm, pmd, addr)
	if pte == nil {
		MmapReadUnlock(mm)
		return
	}
	PtepGetAndClear(mm, addr, pte)
	PteUnmapUnlock(pte, ptl)
	MmapReadUnlock(mm)
}

func PteAfter(mm *MmStruct, pmd *Word[PmdT], addr uint64) {
	MmapReadLock(mm)
	pte, ptl := PteOffsetMapLock(mm, pmd, addr)
	if pte != nil {
		SetPteAt(mm, addr, pte, PteT{})
		PteUnmapUnlock(pte, ptl)
		SetPteAt(mm, addr, pte, PteT{})
	}
	MmapReadUnlock(mm)
}

const TtuRmapLocked = 0x80

// RmapLocked takes the lock unless its caller says that it has.
func RmapLocked(mapping *AddressSpace, flags uint) {
	if flags&TtuRmapLocked == 0 {
		IMmapLockRead(mapping)
	}
	if flags&TtuRmapLocked == 0 {
		VmaIntervalTreeIterFirst(mapping, 0, 1)
		IMmapUnlockRead(mapping)
	}
}

//mm:port take_rmap_locks mm/mremap.c v6.1
func TakeRmapLocks(vma *VmAreaStruct) {
	if vma.VmFile != nil {
		IMmapLockWrite(vma.VmFile.FMapping)
	}
	if anonVma := vma.AnonVma.Get(); anonVma != nil {
		AnonVmaLockWrite(anonVma)
	}
}

//mm:port drop_rmap_locks mm/mremap.c v6.1
func DropRmapLocks(vma *VmAreaStruct) {
	if anonVma := vma.AnonVma.Get(); anonVma != nil {
		AnonVmaUnlockWrite(anonVma)
	}
	if vma.VmFile != nil {
		IMmapUnlockWrite(vma.VmFile.FMapping)
	}
}

// NeedRmapLocks is move_page_tables: the caller says whether the locks of the reverse map are needed.
func NeedRmapLocks(vma *VmAreaStruct, needRmapLocks bool) {
	MmapWriteLock(vma.VmMm)
	if needRmapLocks {
		TakeRmapLocks(vma)
	}
	if needRmapLocks && vma.VmFile != nil {
		IMmapAssertWriteLocked(vma.VmFile.FMapping)
	}
	if needRmapLocks {
		DropRmapLocks(vma)
	}
	MmapWriteUnlock(vma.VmMm)
}

// Walk gives rmap_walk functions that rely on what the walk holds.
func Walk(folio *Folio) {
	rwc := &RmapWalkControl{RmapOne: referencedOne}
	RmapWalk(folio, rwc)
}

func referencedOne(folio *Folio, vma *VmAreaStruct, addr uint64, arg any) bool {
	walked(vma)
	writeWalked(vma) // want `writeWalked needs`
	return true
}

//mm:port folio_referenced_one mm/rmap.c v6.1
func FolioReferencedOne(folio *Folio, vma *VmAreaStruct, addr uint64, arg any) bool { return true }

func walked(vma *VmAreaStruct) { FolioReferencedOne(nil, vma, 0, nil) }

func writeWalked(vma *VmAreaStruct) { ExpandUpwards(vma, 0) }

// Literal is the same with a function literal.
func Literal(folio *Folio) {
	RmapWalk(folio, &RmapWalkControl{RmapOne: func(folio *Folio, vma *VmAreaStruct, addr uint64, arg any) bool {
		walked(vma)
		return true
	}})
}

// Kernel functions by their rwsem.
func Semaphore(mm *MmStruct) {
	DownRead(&mm.MmapLock)
	FindVma(mm, 0)
	UpRead(&mm.MmapLock)
	FindVma(mm, 0) // want `FindVma needs`
}

// Nested takes the locks of parent and child.
func Nested(oldmm, mm *MmStruct) {
	MmapWriteLock(oldmm)
	MmapWriteLockNested(mm, 1)
	ExpandUpwards(FindVma(oldmm, 0), 0)
	ExpandUpwards(FindVma(mm, 0), 0)
	MmapWriteUnlock(mm)
	ExpandUpwards(FindVma(mm, 0), 0) // want `FindVma needs` `ExpandUpwards needs`
	MmapWriteUnlock(oldmm)
}

// CommitLate commits the change of an entry when others may have changed it again.
func CommitLate(vma *VmAreaStruct, pmd *Word[PmdT], addr uint64, to PteT) {
	MmapReadLock(vma.VmMm)
	pte, ptl := PteOffsetMapLock(vma.VmMm, pmd, addr)
	old := PtepModifyProtStart(vma, addr, pte)
	PteUnmapUnlock(pte, ptl)
	PtepModifyProtCommit(vma, addr, pte, old, to) // want `lockheld: PtepModifyProtCommit needs`
	MmapReadUnlock(vma.VmMm)
}
