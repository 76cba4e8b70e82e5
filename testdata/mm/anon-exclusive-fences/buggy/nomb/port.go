// Package nomb is v6.1 without the fence between the clearing of the PTE and the look at the pins.
//
//mm:kernel v6.1
package nomb

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
	ClearPageAnonExclusive(page)

	// This is conceptually a smp_wmb() paired with the smp_rmb() in gup_must_unshare().
	SmpMbAfterAtomic()
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
	FolioRefAdd(folio, GupPinCountingBias-1)
	// Adjust the pincount before re-checking the PTE for changes. This is essentially a smp_mb() and is paired with a memory
	// barrier in page_try_share_anon_rmap().
	SmpMbAfterAtomic()
	return folio
}

// GupMustUnshare says whether a page that is mapped read-only may be shared.
//
//mm:port gup_must_unshare include/linux/mm.h v6.1
func GupMustUnshare(flags uint, page *Page) bool {
	// Paired with a memory barrier in page_try_share_anon_rmap(): the PTE has been read again.
	SmpRmb()
	return !PageAnonExclusive(page)
}
