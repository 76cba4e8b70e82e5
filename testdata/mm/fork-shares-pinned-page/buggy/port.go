// Package buggy is fork and GUP-fast of v5.11 without 57efa1fe5957, which is v5.10: fork looks whether a page is pinned, and GUP-fast may
// pin it just then.
//
//mm:kernel v5.11
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
)

// CopyPageRange copies the page tables of a VMA to the child.
//
//mm:port copy_page_range mm/memory.c v5.11
func CopyPageRange(dstVma, srcVma *VmAreaStruct) int { // want "pairing: CopyPageRange does not call raw_write_seqcount_begin"
	var r MmuNotifierRange
	srcMm := srcVma.VmMm
	addr, end := srcVma.VmStart.Get(), srcVma.VmEnd.Get()

	isCow := srcVma.VmFlags.Get()&VmShared == 0
	if isCow {
		MmuNotifierRangeInit(&r, MmuNotifyProtectionPage, 0, srcMm, addr, end)
		MmuNotifierInvalidateRangeStart(&r)
	}

	for next := addr; addr < end; addr = next {
		next = min(addr&PmdMask+PmdSize, end)
		actors.CopyPteRange(dstVma, srcVma, MmFindPmd(dstVma.VmMm, addr), MmFindPmd(srcMm, addr), addr, next)
	}

	if isCow {
		MmuNotifierInvalidateRangeEnd(&r)
	}
	return 0
}

// LocklessPagesFromMm is GUP-fast for one page of the current process.
//
//mm:port lockless_pages_from_mm mm/gup.c v5.11
func LocklessPagesFromMm(mm *MmStruct, start uint64, gupFlags uint, pages *actors.Pages) int { // want "pairing: LocklessPagesFromMm does not call read_seqcount_retry"
	// Disable interrupts: this prevents pages from being freed from under us, and holds back the IPIs of TLB shootdowns.
	LocalIrqSave()
	nrPinned := actors.GupPgdRange(mm, start, gupFlags, pages)
	LocalIrqRestore()
	return nrPinned
}
