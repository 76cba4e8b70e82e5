// Package buggy is try_to_unmap of v5.19 without 6c287605fd56, which is v5.18: reclaim has looked whether the page is pinned.
//
//mm:kernel v5.19
package buggy

import . "github.com/mmvet/mmvet/kernelshim"

// TryToUnmapOne replaces the PTE that maps the folio by a swap entry.
//
//mm:port try_to_unmap_one mm/rmap.c v5.19
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
		PageRemoveRmap(subpage, vma, false) // want "pairing: page_try_share_anon_rmap is not called between ptep_clear_flush and page_remove_rmap"
		FolioPut(folio)
	}

	MmuNotifierInvalidateRangeEnd(&r)
	return true
}
