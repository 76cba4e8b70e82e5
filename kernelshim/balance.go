package kernelshim

// AssertCounts states, for Finally, that a page is counted right: its mapcount is the number of page-table entries of the mms that
// map it, and its refcount that number and the references that others have, as the page cache or a pin.
func AssertCounts(page *Page, others int32, mms ...*MmStruct) {
	entries := int32(0)
	for _, mm := range mms {
		for i := range mm.Pgd {
			if pud := mm.Pgd[i].Get(); pud.Table != nil {
				entries += pud.Table.mapping(page)
			}
		}
	}
	mapcount, refcount := page.Mapcount.Get(), page.Folio.Refcount.Get()
	Assert(mapcount == entries, "%s has mapcount %d, and %d entries map it", page, mapcount, entries)
	Assert(refcount == entries+others, "%s has refcount %d, with %d entries and %d others", page, refcount, entries, others)
}

// mapping returns how many entries of a table, and below, map the page.
func (t *Ptdesc) mapping(page *Page) (n int32) {
	for i := range t.Pmd {
		switch pmd := t.Pmd[i].Get(); {
		case pmd.Table != nil:
			n += pmd.Table.mapping(page)
		case pmd.Page == page:
			n++
		}
	}
	for i := range t.Pte {
		if t.Pte[i].Get().Page == page {
			n++
		}
	}
	return n
}
