package kernelshim

import (
	"fmt"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// A Folio is struct folio, include/linux/mm_types.h: one page, or a huge page of HpagePmdNr pages.
type Folio struct {
	Object
	Flags      BitLock         // PG_locked of folio.flags
	PgFlags    Word[pageFlags] // the rest of folio.flags
	Refcount   AtomicT         // _refcount
	Pincount   AtomicT         // _pincount of a huge page; a pin of a small one counts GupPinCountingBias in _refcount
	Mapping    *AddressSpace   // folio.mapping of a file page; nil: anonymous
	AnonVma    Word[*AnonVma]  // folio.mapping of an anonymous page
	Index      uint64          // offset in the mapping, or in the anonymous VMA, in pages
	MlockCount Word[int32]     // while it is unevictable: VMAs with VM_LOCKED that map it
	Lruvec     *Lruvec         // nil: on no list
	pages      []Page
}

// A Page is struct page, include/linux/mm_types.h: a part of a folio that one PTE maps.
type Page struct {
	Mapcount        AtomicT    // _mapcount + 1: how many PTEs map it
	PgAnonExclusive Word[bool] // since v5.19: PG_anon_exclusive, only one process has it
	Folio           *Folio
	n               int
	memory          pageMemory
}

// String returns the page's name.
func (p *Page) String() string {
	switch {
	case p == nil:
		return "NULL"
	case len(p.Folio.pages) == 1:
		return p.Folio.String()
	}
	return fmt.Sprintf("%s+%d", p.Folio, p.n)
}

// initFolio prepares a new folio of nr pages with one reference, the caller's.
func initFolio(f *Folio, nr int) {
	f.Refcount.Init(1)
	f.pages = make([]Page, nr)
	for i := range f.pages {
		f.pages[i].Folio, f.pages[i].n = f, i
		if machine.Current("alloc_pages").Options.UserCode {
			f.pages[i].memory.Word = new(Word[Contents])
		}
	}
}

// AllocPage is alloc_page, include/linux/gfp.h: a new small page with one reference, to be mapped at the offset in the anonymous
// VMA. Never fails here.
func AllocPage(index uint64) *Page {
	folio := Alloc("page", func(f *Folio) {
		initFolio(f, 1)
		f.Index = index
	})
	return FolioPage(folio, 0)
}

// NthPage is nth_page, include/linux/mm.h, the page i after page in its folio; hpage + i in C. Nil past its end.
func NthPage(page *Page, i int) *Page {
	if f := page.Folio; page.n+i < len(f.pages) {
		return &f.pages[page.n+i]
	}
	return nil
}

// FolioPage is folio_page, include/linux/page-flags.h: page n of the folio.
func FolioPage(folio *Folio, n int) *Page { return NthPage(&folio.pages[0], n) }

// PageFolio is page_folio, include/linux/page-flags.h: the folio that the page is part of.
func PageFolio(page *Page) *Folio { return page.Folio }

// CompoundOrder is compound_order, include/linux/mm.h: the folio's size as a power of two.
func CompoundOrder(page *Page) int {
	order := 0
	for 1<<order < len(page.Folio.pages) {
		order++
	}
	return order
}

// PageHead is PageHead, include/linux/page-flags.h: whether the page is the first of a huge page.
func PageHead(page *Page) bool { return page.n == 0 && len(page.Folio.pages) > 1 }

// PageAnon is PageAnon, include/linux/page-flags.h: whether the page is anonymous.
func PageAnon(page *Page) bool { return page.Folio.Mapping == nil }

// FolioTestAnon is folio_test_anon, include/linux/page-flags.h.
func FolioTestAnon(folio *Folio) bool { return folio.Mapping == nil }

// FolioLock is folio_lock, include/linux/pagemap.h. Acquire. May sleep.
func FolioLock(folio *Folio) {
	defer enter("folio_lock", folio).leave()
	folio.Flags.BitLockAcquire("folio_lock")
}

// FolioTrylock is folio_trylock, include/linux/pagemap.h: true if it took the lock. Acquire then. Does not sleep.
func FolioTrylock(folio *Folio) bool {
	c := enter("folio_trylock", folio)
	return leave(c, tryExclusive(&folio.Flags.cell, "folio_trylock"))
}

// FolioUnlock is folio_unlock, mm/filemap.c. Release.
func FolioUnlock(folio *Folio) {
	defer enter("folio_unlock", folio).leave()
	unlockExclusive(&folio.Flags.cell, "folio_unlock")
}

// LockPage is lock_page, include/linux/pagemap.h: folio_lock of the page's folio. May sleep.
func LockPage(page *Page) {
	defer enter("lock_page", page).leave()
	FolioLock(page.Folio)
}

// TrylockPage is trylock_page, include/linux/pagemap.h.
func TrylockPage(page *Page) bool {
	c := enter("trylock_page", page)
	return leave(c, FolioTrylock(page.Folio))
}

// UnlockPage is unlock_page, mm/folio-compat.c.
func UnlockPage(page *Page) {
	defer enter("unlock_page", page).leave()
	FolioUnlock(page.Folio)
}

// FolioGet is folio_get, include/linux/mm.h: a reference, by a task that has one. Unordered.
func FolioGet(folio *Folio) {
	defer enter("folio_get", folio).leave()
	AtomicInc(&folio.Refcount)
}

// FolioTryGet is folio_try_get, include/linux/page_ref.h: a reference unless the folio is being freed. Fully ordered if it
// succeeds.
func FolioTryGet(folio *Folio) bool {
	c := enter("folio_try_get", folio)
	return leave(c, AtomicIncNotZero(&folio.Refcount))
}

// FolioPut is folio_put, include/linux/mm.h: gives a reference back; the last frees the folio. Fully ordered.
func FolioPut(folio *Folio) {
	defer enter("folio_put", folio).leave()
	if putTestzero(&folio.Refcount) {
		free("__folio_put", folio)
	}
}

// GetPage is get_page, include/linux/mm.h: folio_get of the page's folio.
func GetPage(page *Page) {
	defer enter("get_page", page).leave()
	FolioGet(page.Folio)
}

// PutPage is put_page, include/linux/mm.h: folio_put of the page's folio.
func PutPage(page *Page) {
	defer enter("put_page", page).leave()
	FolioPut(page.Folio)
}

// FolioRefAdd is folio_ref_add, include/linux/page_ref.h: nr references, by a task that has one. Unordered.
func FolioRefAdd(folio *Folio, nr int) {
	defer enter("folio_ref_add", folio, nr).leave()
	AtomicAdd(int32(nr), &folio.Refcount)
}

// PageRefSub is page_ref_sub, include/linux/page_ref.h: gives back nr references that are not the last. Unordered.
func PageRefSub(page *Page, nr int) {
	defer enter("page_ref_sub", page, nr).leave()
	AtomicSub(int32(nr), &page.Folio.Refcount)
}

// FindLockPage is find_lock_page, include/linux/pagemap.h: the page-cache page at the offset with a reference and locked,
// or nil. If the page was truncated meanwhile it looks again. May sleep.
func FindLockPage(mapping *AddressSpace, index uint64) *Page {
	c := enter("find_lock_page", mapping, index)
	for {
		page := ReadOnce(&mapping.IPages[index])
		if page == nil {
			return leave(c, page)
		}
		if !FolioTryGet(page.Folio) {
			continue
		}
		FolioLock(page.Folio)
		if ReadOnce(&mapping.IPages[index]) == page {
			return leave(c, page)
		}
		FolioUnlock(page.Folio)
		FolioPut(page.Folio)
	}
}

// PageAddFileRmap is page_add_file_rmap, mm/rmap.c: one more PTE maps the page. Needs the PTL. Unordered.
func PageAddFileRmap(page *Page, vma *VmAreaStruct, compound bool) {
	defer enter("page_add_file_rmap", page, vma, compound).leave()
	AtomicInc(&page.Mapcount)
}

// PageAddNewAnonRmap is page_add_new_anon_rmap, mm/rmap.c: the first PTE maps a new anonymous page, which thereby belongs to
// the VMA's anon_vma. Needs the PTL.
func PageAddNewAnonRmap(page *Page, vma *VmAreaStruct, address uint64) {
	defer enter("page_add_new_anon_rmap", page, vma, address).leave()
	AtomicInc(&page.Mapcount)
	WriteOnce(&page.Folio.AnonVma, vma.AnonVma.Get())
}

// PageAddAnonRmap is page_add_anon_rmap, mm/rmap.c: one PTE more maps an anonymous page that has an anon_vma. Needs the PTL.
func PageAddAnonRmap(page *Page, vma *VmAreaStruct, address uint64) {
	defer enter("page_add_anon_rmap", page, vma, address).leave()
	AtomicInc(&page.Mapcount)
}

// PageRemoveRmap is page_remove_rmap, mm/rmap.c: one PTE less maps the page. Needs the PTL. Unordered. It is a bug if none
// did.
func PageRemoveRmap(page *Page, vma *VmAreaStruct, compound bool) {
	defer enter("page_remove_rmap", page, vma, compound).leave()
	BugOn(AtomicFetchAdd(-1, &page.Mapcount) <= 0, "page_remove_rmap of a page that is not mapped")
}

// PageMapcount is page_mapcount, include/linux/mm.h: how many PTEs map the page. Unordered.
func PageMapcount(page *Page) int32 { return AtomicRead(&page.Mapcount) }

// MmCounter is mm_counter, include/linux/mm.h: the counter that the page counts in.
func MmCounter(page *Page) int {
	if PageAnon(page) {
		return MmAnonpages
	}
	return MmFilepages
}
