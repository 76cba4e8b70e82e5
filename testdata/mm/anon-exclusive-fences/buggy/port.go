// Package buggy is how unmapping and GUP-fast agree on a page in v6.1 without 088b8aa537c2, which is v6.0: they count on the TLB flush
// to be a barrier.
//
//mm:kernel v6.1
package buggy

import . "github.com/mmvet/mmvet/kernelshim"

// PageTryShareAnonRmap marks a page as possibly shared, unless it may be pinned. Its PTE has been cleared.
//
//mm:port page_try_share_anon_rmap include/linux/rmap.h v6.1
func PageTryShareAnonRmap(page *Page) int {
	// We have to make sure that when we clear PageAnonExclusive, that the page is not pinned and that concurrent GUP-fast won't
	// succeed in concurrently pinning the page.
	if PageMaybeDmaPinned(page) { // want "pairing: nothing orders ptep_clear_flush before page_maybe_dma_pinned here"
		return -EBUSY
	}
	ClearPageAnonExclusive(page) // want "pairing: nothing orders ClearPageAnonExclusive before set_pte_at here"
	return 0
}

// TryGrabFolio pins a small page, unless it is being freed.
//
//mm:port try_grab_folio mm/gup.c v6.1
func TryGrabFolio(page *Page, flags uint) *Folio {
	folio := PageFolio(page)
	if !FolioTryGet(folio) {
		return nil
	}
	FolioRefAdd(folio, GupPinCountingBias-1) // want "pairing: nothing orders folio_ref_add before ptep_get_lockless here"
	return folio
}

// GupMustUnshare says whether a page that is mapped read-only may be shared.
//
//mm:port gup_must_unshare include/linux/mm.h v6.1
func GupMustUnshare(flags uint, page *Page) bool {
	return !PageAnonExclusive(page) // want "pairing: nothing orders ptep_get_lockless before PageAnonExclusive here"
}
