// Package asserts is the input of TestAsserts: an assertion is a contract of the function that it stands in.
//
//mm:kernel v6.1
package asserts

import . "github.com/mmvet/mmvet/kernelshim"

// unmap asserts what it needs.
func unmap(mm *MmStruct) {
	MmapAssertWriteLocked(mm)
	FindVma(mm, 0)
}

func Unmap(mm *MmStruct) {
	unmap(mm) // want `lockheld: unmap needs mmap\(mm\) held for writing$`
	MmapReadLock(mm)
	unmap(mm) // want `held for writing \(it is held for reading\)`
	MmapReadUnlock(mm)
	MmapWriteLock(mm)
	unmap(mm)
	MmapWriteUnlock(mm)
}

// Exported asserts too: nothing is reported in it, and all its callers are asked.
func Exported(mm *MmStruct) {
	MmapAssertLocked(mm)
	FindVma(mm, 0)
}

func Callers(mm *MmStruct) {
	Exported(mm) // want `Exported needs mmap\(mm\) held$`
	MmapReadLock(mm)
	Exported(mm)
	MmapReadUnlock(mm)
}

// Conditional needs the lock of the mapping if there is one.
func Conditional(vma *VmAreaStruct) {
	if vma.VmFile != nil {
		IMmapAssertWriteLocked(vma.VmFile.FMapping)
	}
}

func Conditionally(vma *VmAreaStruct) {
	Conditional(vma) // want `Conditional needs imap\(vma.VmFile.FMapping\) held for writing`
	if vma.VmFile == nil {
		Conditional(vma)
		return
	}
	IMmapLockWrite(vma.VmFile.FMapping)
	Conditional(vma)
	IMmapUnlockWrite(vma.VmFile.FMapping)
}

// Flag needs the lock if it is told so.
func Flag(mm *MmStruct, locked bool) {
	if locked {
		MmapAssertLocked(mm)
	}
}

func Flags(mm *MmStruct, locked bool) {
	Flag(mm, false)
	Flag(mm, true) // want `Flag needs mmap\(mm\)`
	if locked {
		MmapReadLock(mm)
	}
	Flag(mm, locked)
	if locked {
		MmapReadUnlock(mm)
	}
}

// Lockdep names the lock itself.
func lockdep(mm *MmStruct) { LockdepAssertHeldWrite(&mm.MmapLock) }

func Lockdep(mm *MmStruct) {
	lockdep(mm) // want `lockdep needs mmap\(mm\) held for writing`
	MmapWriteLock(mm)
	lockdep(mm)
	MmapWriteUnlock(mm)
}

// Local asserts a lock that no caller could name: it is checked on the spot.
func Local() {
	mm := Alloc[MmStruct]("mm")
	MmapAssertLocked(mm) // want `MmapAssertLocked needs mmap\(mm\)`
	MmapWriteLock(mm)
	MmapAssertWriteLocked(mm)
	MmapWriteUnlock(mm)
}

// Stated has a directive, and its assertion agrees with it or not.
//
//mmvet:must_hold_shared mm.MmapLock
func Stated(mm *MmStruct) {
	MmapAssertLocked(mm)
}

func Transitive(mm *MmStruct) { unmap2(mm) } // want `unmap2 needs mmap\(mm\) held for writing`

func unmap2(mm *MmStruct) { unmap(mm) }
