// Package upstream is the input of TestUpstream: correct code of the kernel in forms that checkers trip over. Nothing may
// be reported.
//
//mm:kernel v6.1
package upstream

import . "github.com/mmvet/mmvet/kernelshim"

// TrylockUnderMapping takes mmap under the lock of the mapping by a trylock, and backs out: retract_page_tables, v6.1.
func TrylockUnderMapping(mapping *AddressSpace, pgoff uint64) {
	IMmapLockWrite(mapping)
	for vma := VmaIntervalTreeIterFirst(mapping, pgoff, pgoff); vma != nil; vma = VmaIntervalTreeIterNext(vma, pgoff, pgoff) {
		if vma.AnonVma.Get() != nil {
			continue
		}
		mm := vma.VmMm
		if !MmapWriteTrylock(mm) {
			continue
		}
		MmapAssertWriteLocked(mm)
		IMmapAssertWriteLocked(mapping)
		MmapWriteUnlock(mm)
	}
	IMmapUnlockWrite(mapping)
}

// MappingTrylock locks the mapping of a folio without waiting: rmap_walk_file with try_lock.
func MappingTrylock(folio *Folio, try bool) bool {
	mapping := folio.Mapping
	if try {
		if !IMmapTrylockRead(mapping) {
			return false
		}
	} else {
		IMmapLockRead(mapping)
	}
	IMmapAssertLocked(mapping)
	IMmapUnlockRead(mapping)
	return true
}

// Munmap downgrades and then unlocks for reading.
func Munmap(mm *MmStruct, start uint64, unlock bool) int {
	if MmapWriteLockKillable(mm) != 0 {
		return -EINTR
	}
	vma := FindVma(mm, start)
	if vma == nil {
		goto out
	}
	if unlock {
		MmapWriteDowngrade(mm)
		MmapAssertLocked(mm)
		MmapReadUnlock(mm)
		return 0
	}
	MmapAssertWriteLocked(mm)
out:
	MmapWriteUnlock(mm)
	return 0
}

// DupMmap is the part of fork that locks: parent, then child.
func DupMmap(mm, oldmm *MmStruct) int {
	if MmapWriteLockKillable(oldmm) != 0 {
		return -EINTR
	}
	MmapWriteLockNested(mm, 1)
	for vma := FindVma(oldmm, 0); vma != nil; vma = FindVma(oldmm, vma.VmEnd.Get()) {
		if file := vma.VmFile; file != nil {
			IMmapLockWrite(file.FMapping)
			VmaIntervalTreeInsert(vma, file.FMapping)
			IMmapUnlockWrite(file.FMapping)
		}
		MmapAssertWriteLocked(mm)
	}
	MmapWriteUnlock(mm)
	MmapAssertWriteLocked(oldmm)
	MmapWriteUnlock(oldmm)
	return 0
}

// CopyPteRange locks two tables, the second nested.
func CopyPteRange(dst, src *MmStruct, dstPmd, srcPmd *Word[PmdT], addr uint64) {
	dstPte, dstPtl := PteOffsetMapLock(dst, dstPmd, addr)
	srcPte := PteOffsetMap(srcPmd, addr)
	srcPtl := PteLockptr(src, srcPmd)
	SpinLockNested(srcPtl, 1)
	SetPteAt(dst, addr, dstPte, PtepGet(srcPte))
	SpinUnlock(srcPtl)
	PteUnmap(srcPte)
	PteUnmapUnlock(dstPte, dstPtl)
}

// MovePtes locks the reverse map and the second table only where they are needed: mremap.
func MovePtes(vma *VmAreaStruct, oldPmd, newPmd *Word[PmdT], addr uint64, needRmapLocks bool) {
	mm := vma.VmMm
	MmapWriteLock(mm)
	if needRmapLocks {
		if vma.VmFile != nil {
			IMmapLockWrite(vma.VmFile.FMapping)
		}
		if vma.AnonVma.Get() != nil {
			AnonVmaLockWrite(vma.AnonVma.Get())
		}
	}
	oldPte, oldPtl := PteOffsetMapLock(mm, oldPmd, addr)
	newPte := PteOffsetMap(newPmd, addr)
	newPtl := PteLockptr(mm, newPmd)
	if newPtl != oldPtl {
		SpinLockNested(newPtl, 1)
	}
	SetPteAt(mm, addr, newPte, PtepGetAndClear(mm, addr, oldPte))
	FlushTlbPage(vma, addr)
	if newPtl != oldPtl {
		SpinUnlock(newPtl)
	}
	PteUnmap(newPte)
	PteUnmapUnlock(oldPte, oldPtl)
	if needRmapLocks && vma.VmFile != nil {
		IMmapAssertWriteLocked(vma.VmFile.FMapping)
	}
	if needRmapLocks {
		if vma.AnonVma.Get() != nil {
			AnonVmaUnlockWrite(vma.AnonVma.Get())
		}
		if vma.VmFile != nil {
			IMmapUnlockWrite(vma.VmFile.FMapping)
		}
	}
	MmapWriteUnlock(mm)
}

// TtuRmapLocked says that the caller of try_to_unmap holds the lock of the mapping.
const TtuRmapLocked = 0x80

// TryToUnmap takes the lock unless its caller has.
func TryToUnmap(folio *Folio, flags uint) {
	mapping := folio.Mapping
	if flags&TtuRmapLocked == 0 {
		IMmapLockRead(mapping)
	}
	if flags&TtuRmapLocked == 0 {
		IMmapAssertLocked(mapping)
	}
	if flags&TtuRmapLocked == 0 {
		IMmapUnlockRead(mapping)
	}
}

// FolioReferenced looks for the anon_vma of a folio, which may be gone.
func FolioReferenced(folio *Folio, rwc *RmapWalkControl) {
	anonVma := FolioLockAnonVmaRead(folio, rwc)
	if anonVma == nil {
		return
	}
	for avc := AnonVmaIntervalTreeIterFirst(anonVma, 0, 1); avc != nil; avc = AnonVmaIntervalTreeIterNext(avc, 0, 1) {
		AnonVmaAssertLocked(anonVma)
	}
	AnonVmaUnlockRead(anonVma)
}

// Mapped walks the entries that map a folio; the walk holds and gives back the table's lock.
func Mapped(pvmw *PageVmaMappedWalkState) {
	MmapReadLock(pvmw.Vma.VmMm)
	for PageVmaMappedWalk(pvmw) {
		if pvmw.Pte == nil {
			PageVmaMappedWalkDone(pvmw)
			break
		}
	}
	MmapReadUnlock(pvmw.Vma.VmMm)
}

// collapseHugePage returns with mmap released, whatever lock it had in between.
func collapseHugePage(mm *MmStruct, addr uint64) int {
	MmapReadUnlock(mm)
	MmapReadLock(mm)
	if FindVma(mm, addr) == nil {
		MmapReadUnlock(mm)
		return -EAGAIN
	}
	MmapReadUnlock(mm)
	MmapWriteLock(mm)
	MmapAssertWriteLocked(mm)
	MmapWriteUnlock(mm)
	return 0
}

// Scan calls it, and remembers in a flag that mmap is gone: madvise_collapse.
func Scan(mm *MmStruct, addr, end uint64) {
	locked := true
	MmapReadLock(mm)
	for ; addr < end; addr += HpagePmdSize {
		if !locked {
			MmapReadLock(mm)
			locked = true
		}
		MmapAssertLocked(mm)
		if FindVma(mm, addr) != nil {
			collapseHugePage(mm, addr)
			locked = false
		}
	}
	if locked {
		MmapReadUnlock(mm)
	}
}

// RacyThenChecked looks first without a lock, to save the lock, and again with it: find_mergeable_anon_vma.
func RacyThenChecked(vma *VmAreaStruct) {
	if ReadOnce(&vma.AnonVma) != nil {
		return
	}
	MmapWriteLock(vma.VmMm)
	if anonVma := vma.AnonVma.Get(); anonVma != nil {
		AnonVmaLockWrite(anonVma)
		AnonVmaAssertWriteLocked(anonVma)
		AnonVmaUnlockWrite(anonVma)
	}
	MmapWriteUnlock(vma.VmMm)
}
