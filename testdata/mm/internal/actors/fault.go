package actors

import . "github.com/mmvet/mmvet/kernelshim"

// UserAccess is an instruction of a program that reads or writes addr: hardware walks the tables, and where it finds no entry
// that allows the access the kernel handles a fault, and the instruction starts over. It returns the page that was accessed.
func UserAccess(mm *MmStruct, addr uint64, write, exclusive bool) *Page {
	for {
		if page := HardwareWalk(mm, addr, write); page != nil {
			return page
		}
		MmapReadLock(mm)
		vma := FindVma(mm, addr)
		BugOn(vma == nil, "access outside of all VMAs")
		HandlePteFault(vma, addr, write, exclusive)
		MmapReadUnlock(mm)
	}
}

// HardwareWalk finds the page that the tables map at addr for the access, or nil. A CPU walks in one go: an interrupt waits
// until it is done. There is no TLB: each access walks.
func HardwareWalk(mm *MmStruct, addr uint64, write bool) *Page {
	LocalIrqSave()
	defer LocalIrqRestore()
	pmdp := MmFindPmd(mm, addr)
	if pmdp == nil {
		return nil
	}
	pmd := PmdpGetLockless(pmdp)
	if PmdLeaf(pmd) {
		return NthPage(PmdPage(pmd), int(addr&^HpagePmdMask>>PageShift))
	}
	if !PmdPresent(pmd) {
		return nil
	}
	pte := PtepGetLockless(PteOf(pmd, addr))
	if !PtePresent(pte) || PteProtnone(pte) || write && !PteWrite(pte) {
		return nil
	}
	return PtePage(pte)
}

// HandlePteFault handles a fault on anonymous memory. exclusive says whether the kernel knows PG_anon_exclusive (v5.19).
//
//mm:port handle_pte_fault mm/memory.c v5.18
func HandlePteFault(vma *VmAreaStruct, addr uint64, write, exclusive bool) {
	mm := vma.VmMm
	BugOn(AnonVmaPrepare(vma) != 0)
	pmd := MmFindPmd(mm, addr)
	pte, ptl := PteOffsetMapLock(mm, pmd, addr)
	switch entry := PtepGet(pte); {
	case PteNone(entry):
		doAnonymousPage(vma, addr, pte)
	case IsSwapPte(entry) && !IsMigrationEntry(PteToSwpEntry(entry)):
		doSwapPage(vma, addr, pte, entry, write, exclusive)
	case PteProtnone(entry): // do_numa_page, for a page that does not migrate
		entry.Prot &^= PageProtnone
		SetPteAt(mm, addr, pte, entry)
	case write && !PteWrite(entry):
		doWpPage(vma, addr, pte, entry, exclusive)
	}
	PteUnmapUnlock(pte, ptl)
}

// doAnonymousPage is do_anonymous_page, mm/memory.c: maps a new page.
func doAnonymousPage(vma *VmAreaStruct, addr uint64, pte *Word[PteT]) {
	page := AllocPage(LinearPageIndex(vma, addr))
	PageAddNewAnonRmap(page, vma, addr)
	SetPageAnonExclusive(page)
	SetPteAt(vma.VmMm, addr, pte, MkPte(page, PageRw))
}

// doSwapPage is do_swap_page, mm/memory.c, for a page that is in the swap cache: maps it again, for writing only if nobody
// else has it.
func doSwapPage(vma *VmAreaStruct, addr uint64, pte *Word[PteT], entry PteT, write, exclusive bool) {
	page := PteToSwpEntry(entry).Page
	GetPage(page)
	prot := PgprotT(0)
	if exclusive && PteSwpExclusive(entry) {
		SetPageAnonExclusive(page)
		prot = PageRw
	}
	PageAddAnonRmap(page, vma, addr)
	SetPteAt(vma.VmMm, addr, pte, MkPte(page, prot))
	if write && prot&PageRw == 0 {
		doWpPage(vma, addr, pte, PtepGet(pte), exclusive)
	}
}

// doWpPage is do_wp_page, mm/memory.c: the page may be written in place if nobody else has it: by PG_anon_exclusive, or by
// its references. Otherwise a copy takes its place. The lock is kept meanwhile; the kernel drops it to allocate, and looks
// whether the entry is the same.
func doWpPage(vma *VmAreaStruct, addr uint64, pte *Word[PteT], entry PteT, exclusive bool) {
	mm, page := vma.VmMm, PtePage(entry)
	if exclusive && PageAnonExclusive(page) || PageCount(page) == 1 {
		SetPageAnonExclusive(page)
		SetPteAt(mm, addr, pte, PteMkwrite(entry))
		return
	}
	dst := AllocPage(LinearPageIndex(vma, addr)) // wp_page_copy
	PtepClearFlush(vma, addr, pte)
	PageAddNewAnonRmap(dst, vma, addr)
	SetPageAnonExclusive(dst)
	SetPteAt(mm, addr, pte, MkPte(dst, PageRw))
	PageRemoveRmap(page, vma, false)
	PutPage(page)
}
