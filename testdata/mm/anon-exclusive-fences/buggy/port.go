// Package buggy is how unmapping and GUP-fast agree on a page in v6.0: they count on the TLB flush to be a barrier.
//
//mm:kernel v6.0
package buggy

import . "github.com/mmvet/mmvet/kernelshim"

// PageTryShareAnonRmap marks a page as possibly shared, unless it may be pinned. Its PTE has been cleared.
//
//mm:port page_try_share_anon_rmap include/linux/rmap.h v6.0
func PageTryShareAnonRmap(page *Page) int {
	// We have to make sure that when we clear PageAnonExclusive, that the page is not pinned and that concurrent GUP-fast won't
	// succeed in concurrently pinning the page.
	if PageMaybeDmaPinned(page) {
		return -EBUSY
	}
	ClearPageAnonExclusive(page)
	return 0
}

// TryGrabFolio pins a small page, unless it is being freed.
//
//mm:port try_grab_folio mm/gup.c v6.0
func TryGrabFolio(page *Page, flags uint) *Folio {
	folio := PageFolio(page)
	if !FolioTryGet(folio) {
		return nil
	}
	AtomicAdd(GupPinCountingBias-1, &folio.Refcount)
	return folio
}

// GupMustUnshare says whether a page that is mapped read-only may be shared.
//
//mm:port gup_must_unshare include/linux/mm.h v6.0
func GupMustUnshare(flags uint, page *Page) bool {
	return !PageAnonExclusive(page)
}
