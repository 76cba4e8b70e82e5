// Package buggy is change_pte_range of v5.16, which leaves pages alone that are mapped more than once.
//
//mm:kernel v5.16
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
)

// ChangePteRange changes the permissions of the pages that one table of PTEs maps, and returns of how many.
//
//mm:port change_pte_range mm/mprotect.c v5.16
func ChangePteRange(vma *VmAreaStruct, pmd *Word[PmdT], addr, end uint64, newprot PgprotT, cpFlags uint) int {
	pages := 0
	protNuma := cpFlags&actors.MmCpProtNuma != 0

	start, ptl := PteOffsetMapLock(vma.VmMm, pmd, addr)
	for i := 0; addr < end; i, addr = i+1, addr+PageSize {
		pte := PteAdvance(start, i)
		oldpte := PtepGet(pte)
		if !PtePresent(oldpte) {
			continue
		}
		if protNuma {
			// Avoid TLB flush if possible
			if PteProtnone(oldpte) {
				continue
			}
			// Avoid trapping faults against the zero page.
			page := VmNormalPage(vma, addr, oldpte)
			if page == nil {
				continue
			}
			// Also skip shared copy-on-write pages
			if IsCowMapping(vma.VmFlags.Get()) && PageMapcount(page) != 1 {
				continue
			}
		}
		oldpte = PtepModifyProtStart(vma, addr, pte)
		PtepModifyProtCommit(vma, addr, pte, oldpte, PteModify(oldpte, newprot))
		pages++
	}
	PteUnmapUnlock(start, ptl)
	return pages
}
