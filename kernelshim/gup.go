package kernelshim

// GetUserPagesFastOnly is get_user_pages_fast_only, mm/gup.c, for one page: the page at addr with a reference, or nil if
// the slow path is needed. It takes no lock: with interrupts off, which holds back tlb_remove_table_sync_one and RCU, it
// reads each entry once, takes the reference, and gives it back if an entry changed.
func GetUserPagesFastOnly(mm *MmStruct, addr uint64) *Page {
	c := enter("get_user_pages_fast_only", mm, addr)
	LocalIrqSave()
	page := gupFast(mm, addr)
	LocalIrqRestore()
	return leave(c, page)
}

// gupFast is gup_pgd_range to gup_pmd_range, mm/gup.c.
func gupFast(mm *MmStruct, addr uint64) *Page {
	pud := ReadOnce(PudOffset(P4dOffset(PgdOffset(mm, addr), addr), addr))
	if PudNone(pud) {
		return nil
	}
	pmdp := pud.Table.pmd(addr)
	pmd := PmdpGetLockless(pmdp)
	switch {
	case !PmdPresent(pmd):
		return nil
	case PmdLeaf(pmd):
		return gupFastLeaf(pmd, pmdp, addr)
	}
	return gupFastPte(pmd, pmdp, addr)
}

// gupFastPte is gup_pte_range, mm/gup.c. It looks at the PMD again since v6.1 (70cbc3cc78a9).
func gupFastPte(pmd PmdT, pmdp *Word[PmdT], addr uint64) *Page {
	ptep := pmd.Table.pte(addr)
	pte := PtepGetLockless(ptep)
	if !PtePresent(pte) || pte.Prot&PageProtnone != 0 {
		return nil
	}
	if !FolioTryGet(pte.Page.Folio) {
		return nil
	}
	if since(6, 1) && !PmdSame(pmd, PmdpGetLockless(pmdp)) || !PteSame(pte, PtepGetLockless(ptep)) {
		FolioPut(pte.Page.Folio)
		return nil
	}
	return pte.Page
}

// gupFastLeaf is gup_huge_pmd, mm/gup.c.
func gupFastLeaf(pmd PmdT, pmdp *Word[PmdT], addr uint64) *Page {
	if pmd.Prot&PageProtnone != 0 || !FolioTryGet(pmd.Page.Folio) {
		return nil
	}
	if !PmdSame(pmd, PmdpGetLockless(pmdp)) {
		FolioPut(pmd.Page.Folio)
		return nil
	}
	return NthPage(pmd.Page, int(addr&^PmdMask>>PageShift))
}
