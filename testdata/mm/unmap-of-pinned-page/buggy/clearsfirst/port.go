// Package clearsfirst is try_to_unmap of v5.19 with the last two steps of page_try_share_anon_rmap the wrong way round.
//
//mm:kernel v5.19
package clearsfirst

import . "github.com/mmvet/mmvet/kernelshim"

// TryToUnmapOne replaces the PTE that maps the folio by a swap entry.
//
//mm:port try_to_unmap_one mm/rmap.c v5.19
func TryToUnmapOne(folio *Folio, vma *VmAreaStruct, address uint64, arg any) bool {
	mm := vma.VmMm
	pvmw := PageVmaMappedWalkState{Folio: folio, Vma: vma, Address: address}
	ret := true
	var r MmuNotifierRange

	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, address, address+PageSize)
	MmuNotifierInvalidateRangeStart(&r)

	for PageVmaMappedWalk(&pvmw) {
		subpage := PtePage(PtepGet(pvmw.Pte))
		anonExclusive := FolioTestAnon(folio) && PageAnonExclusive(subpage)

		// Nuke the page table entry.
		pteval := PtepClearFlush(vma, address, pvmw.Pte)

		// See page_try_share_anon_rmap(): clear PTE first.
		if anonExclusive && PageTryShareAnonRmap(subpage) != 0 {
			SetPteAt(mm, address, pvmw.Pte, pteval)
			ret = false
			PageVmaMappedWalkDone(&pvmw)
			break
		}
		swpPte := SwpEntryToPte(SwpEntryT{Type: SwpSwap, Page: subpage})
		if anonExclusive {
			swpPte = PteSwpMkexclusive(swpPte)
		}
		SetPteAt(mm, address, pvmw.Pte, swpPte)
		PageRemoveRmap(subpage, vma, false)
		FolioPut(folio)
	}

	MmuNotifierInvalidateRangeEnd(&r)
	return ret
}

// PageTryShareAnonRmap marks a page as possibly shared, unless it may be pinned. Its PTE must have been cleared, so that GUP-fast
// cannot pin it any more.
//
//mm:port page_try_share_anon_rmap include/linux/rmap.h v5.19
func PageTryShareAnonRmap(page *Page) int {
	ClearPageAnonExclusive(page)
	if PageMaybeDmaPinned(page) {
		return -EBUSY
	}
	return 0
}
