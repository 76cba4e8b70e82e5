// Package buggy is try_to_unmap of v5.18: reclaim has looked whether the page is pinned.
//
//mm:kernel v5.18
package buggy

import . "github.com/mmvet/mmvet/kernelshim"

// TryToUnmapOne replaces the PTE that maps the folio by a swap entry.
//
//mm:port try_to_unmap_one mm/rmap.c v5.18
func TryToUnmapOne(folio *Folio, vma *VmAreaStruct, address uint64, arg any) bool {
	mm := vma.VmMm
	pvmw := PageVmaMappedWalkState{Folio: folio, Vma: vma, Address: address}
	var r MmuNotifierRange

	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, address, address+PageSize)
	MmuNotifierInvalidateRangeStart(&r)

	for PageVmaMappedWalk(&pvmw) {
		subpage := PtePage(PtepGet(pvmw.Pte))

		// Nuke the page table entry.
		PtepClearFlush(vma, address, pvmw.Pte)

		swpPte := SwpEntryToPte(SwpEntryT{Type: SwpSwap, Page: subpage})
		SetPteAt(mm, address, pvmw.Pte, swpPte)
		PageRemoveRmap(subpage, vma, false)
		FolioPut(folio)
	}

	MmuNotifierInvalidateRangeEnd(&r)
	return true
}
