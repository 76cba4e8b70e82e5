package flush

import . "github.com/mmvet/mmvet/kernelshim"

//mm:port change_pte_range mm/mprotect.c v5.18
func ChangePteRange(vma *VmAreaStruct, pmd *Word[PmdT], addr, end uint64, newprot PgprotT, cpFlags uint) int

// ChangeProtectionRange lets go of mmap while CPUs still write by translations that allow it.
//
//mm:port change_protection_range mm/mprotect.c v5.18
func ChangeProtectionRange(vma *VmAreaStruct, pmd *Word[PmdT], addr, end uint64, newprot PgprotT) {
	MmapWriteLock(vma.VmMm)
	ChangePteRange(vma, pmd, addr, end, newprot, 0)
	MmapWriteUnlock(vma.VmMm) // want `tlbflush: write_protect must be followed by flush_tlb or queue_flush before mmap is released`
}

// Protect flushes if anything was changed.
func Protect(vma *VmAreaStruct, pmd *Word[PmdT], addr, end uint64, newprot PgprotT) {
	MmapWriteLock(vma.VmMm)
	if pages := ChangePteRange(vma, pmd, addr, end, newprot, 0); pages != 0 {
		FlushTlbRange(vma, addr, end)
	}
	MmapWriteUnlock(vma.VmMm)
}

// MakeWritable commits entries that allow more: nobody has to flush, which mprotect decides and not the primitive.
func MakeWritable(vma *VmAreaStruct, pmd *Word[PmdT], addr uint64) {
	MmapWriteLock(vma.VmMm)
	pte, ptl := PteOffsetMapLock(vma.VmMm, pmd, addr)
	old := PtepModifyProtStart(vma, addr, pte)
	PtepModifyProtCommit(vma, addr, pte, old, PteMkwrite(old))
	PteUnmapUnlock(pte, ptl)
	MmapWriteUnlock(vma.VmMm)
}
