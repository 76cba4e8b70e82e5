// Package normb is v6.1 without the fence between the second look at the PTE and the look at PG_anon_exclusive.
//
//mm:kernel v6.1
package normb

import . "github.com/mmvet/mmvet/kernelshim"

// PageTryShareAnonRmap marks a page as possibly shared, unless it may be pinned. Its PTE has been cleared.
//
//mm:port page_try_share_anon_rmap include/linux/rmap.h v6.1
func PageTryShareAnonRmap(page *Page) int {
	// We have to make sure that when we clear PageAnonExclusive, that the page is not pinned and that concurrent GUP-fast won't
	// succeed in concurrently pinning the page.
	//
	// Clear the PTE, then check whether the page is pinned: GUP-fast pins, then checks the PTE. Paired with the memory barrier in
	// try_grab_folio().
	SmpMb()

	if PageMaybeDmaPinned(page) {
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
	return !PageAnonExclusive(page) // want "pairing: nothing orders ptep_get_lockless before PageAnonExclusive here"
}
