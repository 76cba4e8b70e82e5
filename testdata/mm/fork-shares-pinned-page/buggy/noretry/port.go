// Package noretry is v5.11 with a GUP-fast that looks at write_protect_seq only before it walks.
//
//mm:kernel v5.11
package noretry

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
)

// CopyPageRange copies the page tables of a VMA to the child.
//
//mm:port copy_page_range mm/memory.c v5.11
func CopyPageRange(dstVma, srcVma *VmAreaStruct) int {
	var r MmuNotifierRange
	srcMm := srcVma.VmMm
	addr, end := srcVma.VmStart.Get(), srcVma.VmEnd.Get()

	isCow := srcVma.VmFlags.Get()&VmShared == 0
	if isCow {
		MmuNotifierRangeInit(&r, MmuNotifyProtectionPage, 0, srcMm, addr, end)
		MmuNotifierInvalidateRangeStart(&r)
		// Disabling preemption is not needed for the write side, as the read side doesn't spin, but goes to the mmap_lock.
		// Use the raw variant of the seqcount_t write API to avoid lockdep complaining about preemptibility.
		MmapAssertWriteLocked(srcMm)
		RawWriteSeqcountBegin(&srcMm.WriteProtectSeq)
	}

	for next := addr; addr < end; addr = next {
		next = min(addr&PmdMask+PmdSize, end)
		actors.CopyPteRange(dstVma, srcVma, MmFindPmd(dstVma.VmMm, addr), MmFindPmd(srcMm, addr), addr, next)
	}

	if isCow {
		RawWriteSeqcountEnd(&srcMm.WriteProtectSeq)
		MmuNotifierInvalidateRangeEnd(&r)
	}
	return 0
}

// LocklessPagesFromMm is GUP-fast for one page of the current process.
//
//mm:port lockless_pages_from_mm mm/gup.c v5.11
func LocklessPagesFromMm(mm *MmStruct, start uint64, gupFlags uint, pages *actors.Pages) int { // want "pairing: LocklessPagesFromMm does not call read_seqcount_retry"
	var seq uint32

	if gupFlags&FollPin != 0 {
		seq = RawReadSeqcount(&mm.WriteProtectSeq)
		if seq&1 != 0 {
			return 0
		}
	}

	// Disable interrupts: this prevents pages from being freed from under us, and holds back the IPIs of TLB shootdowns.
	LocalIrqSave()
	nrPinned := actors.GupPgdRange(mm, start, gupFlags, pages)
	LocalIrqRestore()

	return nrPinned
}
