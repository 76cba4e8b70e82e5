package kernelshim

import "github.com/mmvet/mmvet/memorder"

// GupPinCountingBias is GUP_PIN_COUNTING_BIAS, include/linux/mm.h: a pin of a small page counts as that many references.
const GupPinCountingBias = 1024

// Flags of GUP: FOLL_WRITE, FOLL_GET, FOLL_PIN, include/linux/mm.h.
const (
	FollWrite = 0x1
	FollGet   = 0x4
	FollPin   = 0x40000
)

// follFlags are flags of GUP as traces show them.
type follFlags uint

func (f follFlags) String() string {
	return flagNames(uint64(f), []flagName{{FollWrite, "FOLL_WRITE"}, {FollGet, "FOLL_GET"}, {FollPin, "FOLL_PIN"}})
}

// TryGrabCompoundHead is try_grab_compound_head, mm/gup.c (v5.11; later try_grab_folio), for one page: a reference (FOLL_GET)
// or a pin (FOLL_PIN), unless the folio is being freed. For a small page it is fully ordered, for a huge one the pin is not.
func TryGrabCompoundHead(page *Page, flags uint) *Folio {
	c := enter("try_grab_compound_head", page, follFlags(flags))
	folio := page.Folio
	refs := int32(1)
	if flags&FollPin != 0 && len(folio.pages) == 1 {
		refs = GupPinCountingBias
	}
	if !addUnless(&folio.Refcount, "folio_ref_try_add_rcu", memorder.Mb, refs, 0) {
		return leave[*Folio](c, nil)
	}
	if flags&FollPin != 0 && len(folio.pages) > 1 {
		AtomicInc(&folio.Pincount)
	}
	return leave(c, folio)
}

// GupPutFolio is gup_put_folio, mm/gup.c: gives back what try_grab_compound_head took.
func GupPutFolio(folio *Folio, flags uint) {
	defer enter("gup_put_folio", folio, follFlags(flags)).leave()
	refs := int32(1)
	if flags&FollPin != 0 {
		if len(folio.pages) == 1 {
			refs = GupPinCountingBias
		} else {
			AtomicDec(&folio.Pincount)
		}
	}
	if add(&folio.Refcount, "folio_put_refs", memorder.Mb, -refs) == refs {
		free("__folio_put", folio)
	}
}

// UnpinUserPage is unpin_user_page, mm/gup.c: gives a pin back.
func UnpinUserPage(page *Page) {
	defer enter("unpin_user_page", page).leave()
	GupPutFolio(page.Folio, FollPin)
}

// PageMaybeDmaPinned is page_maybe_dma_pinned, include/linux/mm.h: whether the page may be pinned. For a small page many
// references look like a pin. Unordered: to rely on the answer takes more, see page_try_share_anon_rmap.
func PageMaybeDmaPinned(page *Page) bool {
	folio := page.Folio
	if len(folio.pages) > 1 {
		return AtomicRead(&folio.Pincount) > 0
	}
	return AtomicRead(&folio.Refcount) >= GupPinCountingBias
}

// PageCount is page_count, include/linux/page_ref.h: references of the page's folio. Unordered.
func PageCount(page *Page) int32 { return AtomicRead(&page.Folio.Refcount) }

// PageAnonExclusive is PageAnonExclusive, include/linux/page-flags.h: whether only one process has the page. Unordered.
func PageAnonExclusive(page *Page) bool { return ReadOnce(&page.PgAnonExclusive) }

// SetPageAnonExclusive is SetPageAnonExclusive, include/linux/page-flags.h: atomic, unordered. Needs the PTL.
func SetPageAnonExclusive(page *Page) {
	page.PgAnonExclusive.rmw("set_bit", memorder.Noreturn, true, func(bool) bool { return true })
}

// ClearPageAnonExclusive is ClearPageAnonExclusive, include/linux/page-flags.h: atomic, unordered. Needs the PTL.
func ClearPageAnonExclusive(page *Page) {
	page.PgAnonExclusive.rmw("clear_bit", memorder.Noreturn, false, func(bool) bool { return false })
}

// PageDupRmap is page_dup_rmap, mm/rmap.c: one PTE more maps the page, which both processes have from now on. Needs the PTL.
func PageDupRmap(page *Page, compound bool) {
	defer enter("page_dup_rmap", page, compound).leave()
	AtomicInc(&page.Mapcount)
}

// PageNeedsCowForDma is page_needs_cow_for_dma, include/linux/mm.h (until v5.18): whether fork must copy the page now, since the
// parent may have pinned it. To be called while write_protect_seq is odd.
func PageNeedsCowForDma(vma *VmAreaStruct, page *Page) bool {
	c := enter("page_needs_cow_for_dma", vma, page)
	return leave(c, TestBit(MmfHasPinned, &vma.VmMm.Flags) && PageMaybeDmaPinned(page))
}
