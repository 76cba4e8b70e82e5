package kernelshim

// PteAllocOne is pte_alloc_one, include/asm-generic/pgalloc.h: a new, empty table of PTEs. May sleep. Never fails here.
func PteAllocOne(mm *MmStruct) PgtableT {
	c := enter("pte_alloc_one", mm)
	return leave(c, Alloc("pte_table", pteTable(mm)))
}

// PteAlloc is pte_alloc, include/linux/mm.h: gives the PMD entry a table of PTEs if it is none. 0, or -ENOMEM (never).
// Needs mmap in any mode; takes the PMD's lock; may sleep.
func PteAlloc(mm *MmStruct, pmd *Word[PmdT]) int {
	c := enter("pte_alloc", mm, pmd)
	if !PmdNone(pmd.Get()) {
		return leave(c, 0)
	}
	table := PteAllocOne(mm)
	PmdInstall(mm, pmd, &table)
	if table != nil {
		PteFree(mm, table)
	}
	return leave(c, 0)
}

// PmdInstall is pmd_install, mm/memory.c: publishes the table in the entry if that is still none, and then sets *pte to
// nil. Takes the PMD's lock. The table's contents are ordered before by smp_wmb.
func PmdInstall(mm *MmStruct, pmd *Word[PmdT], pte *PgtableT) {
	defer enter("pmd_install", mm, pmd, pte).leave()
	ptl := PmdLock(mm, pmd)
	if PmdNone(pmd.Get()) {
		MmIncNrPtes(mm)
		SmpWmb()
		PmdPopulate(mm, pmd, *pte)
		*pte = nil
	}
	SpinUnlock(ptl)
}

// PteFree is pte_free, include/asm-generic/pgalloc.h: frees a table of PTEs at once. Its entries and its lock must not be
// used any more. Does not sleep.
func PteFree(mm *MmStruct, pte PgtableT) {
	defer enter("pte_free", mm, pte).leave()
	free("pte_free", pte)
}

// PteFreeDefer is pte_free_defer, mm/pgtable-generic.c (v6.6): frees a table of PTEs after an RCU grace period. Does not
// wait.
func PteFreeDefer(mm *MmStruct, pgtable PgtableT) {
	defer enter("pte_free_defer", mm, pgtable).leave()
	callRcu("pte_free_defer", "pte_free_now", func() { free("pte_free", pgtable) })
}

// PgtableTransHugeDeposit is pgtable_trans_huge_deposit, mm/pgtable-generic.c: keeps a table of PTEs for when the huge entry is split.
// Needs the PMD's lock.
func PgtableTransHugeDeposit(mm *MmStruct, pmdp *Word[PmdT], pgtable PgtableT) {
	defer enter("pgtable_trans_huge_deposit", mm, pmdp, pgtable).leave()
	deposited(pmdp).Set(pgtable)
}

// PgtableTransHugeWithdraw is pgtable_trans_huge_withdraw, mm/pgtable-generic.c: the table that was deposited, or nil if the scenario
// began with the huge entry. Needs the PMD's lock.
func PgtableTransHugeWithdraw(mm *MmStruct, pmdp *Word[PmdT]) PgtableT {
	c := enter("pgtable_trans_huge_withdraw", mm, pmdp)
	pgtable := deposited(pmdp).Get()
	if pgtable != nil {
		deposited(pmdp).Set(nil)
	}
	return leave(c, pgtable)
}

func deposited(pmdp *Word[PmdT]) *Word[PgtableT] {
	t := tableOf(pmdp)
	for i := range t.Pmd {
		if &t.Pmd[i] == pmdp {
			return &t.PmdHugePte[i]
		}
	}
	return nil
}

// pteTable prepares an empty table of PTEs.
func pteTable(mm *MmStruct) func(*Ptdesc) {
	return func(t *Ptdesc) { t.PtMm, t.Pte = mm, make([]Word[PteT], PtrsPerPte) }
}

// pmdTable prepares an empty table of PMDs.
func pmdTable(mm *MmStruct) func(*Ptdesc) {
	return func(t *Ptdesc) {
		t.PtMm, t.Pmd, t.PmdHugePte = mm, make([]Word[PmdT], PtrsPerPmd), make([]Word[PgtableT], PtrsPerPmd)
	}
}
