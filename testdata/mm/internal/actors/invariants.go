package actors

import . "github.com/mmvet/mmvet/kernelshim"

// What GUP promises to whom it gives a page, G1 to G3. The fourth, G4, is that GUP-fast never touches a page table that is freed:
// the simulator sees that by itself, as it sees each use after free.

// G1 holds while a page is pinned by way of addr, and the owner unmaps nothing: the program reads and writes that page, and a fault
// brings no other one.
func G1(mm *MmStruct, addr uint64, pinned *Page) {
	written := UserAccess(mm, addr, true)
	Assert(written == pinned, "G1: the device writes to %v, the program to %v", pinned, written)
}

// G2 holds for who has the page-table lock (v5.19): an anonymous page is mapped for writing only where it is exclusive to the
// process.
func G2(mm *MmStruct, addr uint64) {
	pte, ptl := PteOffsetMapLock(mm, MmFindPmd(mm, addr), addr)
	entry := PtepGet(pte)
	shared := PtePresent(entry) && PteWrite(entry) && PageAnon(PtePage(entry)) && !PageAnonExclusive(PtePage(entry))
	PteUnmapUnlock(pte, ptl)
	Assert(!shared, "G2: the program may write to %v, which may be shared", PtePage(entry))
}

// G3 holds of each pin that GUP-fast hands out: it was not taken while fork write-protects, when write_protect_seq is odd.
func G3(pages *Pages) {
	Assert(pages.seq&1 == 0, "G3: %v was pinned when write_protect_seq was %d: fork counts on nobody pinning", pages.Page, pages.seq)
}

// Accounted says that a page has as many references as the PTEs that map it and others account for, pins being among these, and a
// mapcount that agrees with the PTEs.
func Accounted(page *Page, others int32, mms ...*MmStruct) {
	var mapped int32
	for _, mm := range mms {
		if pte := PteOf(MmFindPmd(mm, 0).Get(), page.Folio.Index<<PageShift).Get(); PtePage(pte) == page {
			mapped++
		}
	}
	Assert(PageMapcount(page) == mapped, "%d PTEs map %v, and its mapcount is %d", mapped, page, PageMapcount(page))
	Assert(PageCount(page) == mapped+others, "%d PTEs map %v, %d other references are taken, and it has %d", mapped, page, others, PageCount(page))
}
