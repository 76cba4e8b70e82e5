package actors

import . "github.com/mmvet/mmvet/kernelshim"

// UserAccess is an instruction of a program that reads or writes addr: hardware walks the tables, and where it finds no entry
// that allows the access the kernel handles a fault, and the instruction starts over. It returns the page that was accessed, or nil
// if there is no VMA.
func UserAccess(mm *MmStruct, addr uint64, write bool) *Page {
	for {
		if page := HardwareWalk(mm, addr, write); page != nil {
			return page
		}
		MmapReadLock(mm)
		vma := FindVma(mm, addr)
		if vma != nil {
			HandlePteFault(vma, addr, write)
		}
		MmapReadUnlock(mm)
		if vma == nil {
			return nil
		}
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

// HandlePteFault handles a fault on anonymous memory. Since v5.19 it knows PG_anon_exclusive.
//
//mm:port handle_pte_fault mm/memory.c v5.18
func HandlePteFault(vma *VmAreaStruct, addr uint64, write bool) {
	mm := vma.VmMm
	BugOn(AnonVmaPrepare(vma) != 0)
	pmd := MmFindPmd(mm, addr)
	pte, ptl := PteOffsetMapLock(mm, pmd, addr)
	migrates := false
	switch entry := PtepGet(pte); {
	case PteNone(entry):
		doAnonymousPage(vma, addr, pte)
	case IsSwapPte(entry) && IsMigrationEntry(PteToSwpEntry(entry)):
		migrates = true
	case IsSwapPte(entry):
		doSwapPage(vma, addr, pte, entry, write)
	case PteProtnone(entry):
		doNumaPage(vma, addr, pte, entry)
	case write && !PteWrite(entry):
		doWpPage(vma, addr, pte, entry)
	}
	PteUnmapUnlock(pte, ptl)
	if migrates {
		migrationEntryWait(pte)
	}
}

// migrationEntryWait is migration_entry_wait, mm/migrate.c: waits for the lock of the folio, and therefore until its migration has
// ended, without a reference, which would keep it from migrating. Here the task waits until the entry is another one.
func migrationEntryWait(pte *Word[PteT]) {
	SmpCondLoadRelaxed(pte, func(v PteT) bool { return !IsMigrationEntry(PteToSwpEntry(v)) })
}

// doAnonymousPage is do_anonymous_page, mm/memory.c: maps a new page.
func doAnonymousPage(vma *VmAreaStruct, addr uint64, pte *Word[PteT]) {
	page := AllocPage(LinearPageIndex(vma, addr))
	PageAddNewAnonRmap(page, vma, addr)
	setExclusive(page)
	SetPteAt(vma.VmMm, addr, pte, MkPte(page, PageRw))
}

// setExclusive says that only one process has the page, if the kernel knows such pages (v5.19).
func setExclusive(page *Page) {
	if Since(5, 19) {
		SetPageAnonExclusive(page)
	}
}

// doNumaPage is do_numa_page, mm/memory.c, for a page that does not migrate: makes it accessible again. Not for writing: NUMA balancing
// is said to lose that permission on the way (80d47f5de5e3); it would be in pte_savedwrite, which went in v6.2. Nothing needs a
// flush, hence no ptep_modify_prot_commit.
func doNumaPage(vma *VmAreaStruct, addr uint64, pte *Word[PteT], entry PteT) {
	SetPteAt(vma.VmMm, addr, pte, PteModify(entry, 0))
}

// doSwapPage is do_swap_page, mm/memory.c, for a page that is in the swap cache: maps it again, for writing only if nobody
// else has it.
func doSwapPage(vma *VmAreaStruct, addr uint64, pte *Word[PteT], entry PteT, write bool) {
	page := PteToSwpEntry(entry).Page
	GetPage(page)
	prot := PgprotT(0)
	if PteSwpExclusive(entry) {
		setExclusive(page)
		prot = PageRw
	}
	PageAddAnonRmap(page, vma, addr)
	SetPteAt(vma.VmMm, addr, pte, MkPte(page, prot))
	if write && prot&PageRw == 0 {
		doWpPage(vma, addr, pte, PtepGet(pte))
	}
}

// doWpPage is do_wp_page, mm/memory.c: the page may be written in place if nobody else has it: by PG_anon_exclusive, or by
// its references. Otherwise a copy takes its place. The lock is kept meanwhile; the kernel drops it to allocate, and looks
// whether the entry is the same.
func doWpPage(vma *VmAreaStruct, addr uint64, pte *Word[PteT], entry PteT) {
	mm, page := vma.VmMm, PtePage(entry)
	if Since(5, 19) && PageAnonExclusive(page) || PageCount(page) == 1 {
		setExclusive(page)
		SetPteAt(mm, addr, pte, PteMkwrite(entry))
		return
	}
	dst := AllocPage(LinearPageIndex(vma, addr)) // wp_page_copy
	PtepClearFlush(vma, addr, pte)
	PageAddNewAnonRmap(dst, vma, addr)
	setExclusive(dst)
	SetPteAt(mm, addr, pte, MkPte(dst, PageRw))
	PageRemoveRmap(page, vma, false)
	PutPage(page)
}
