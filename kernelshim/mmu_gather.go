package kernelshim

// An MmuGather is struct mmu_gather, include/asm-generic/tlb.h: pages and page tables that a task has unmapped, to be freed
// when the TLB is flushed. It belongs to the task.
type MmuGather struct {
	Mm     *MmStruct
	pages  []*Page
	tables []*Ptdesc
}

// String describes the argument in traces.
func (tlb *MmuGather) String() string { return "tlb" }

// TlbGatherMmu is tlb_gather_mmu, mm/mmu_gather.c: begins to gather. Touches no shared memory.
func TlbGatherMmu(tlb *MmuGather, mm *MmStruct) {
	defer enter("tlb_gather_mmu", tlb, mm).leave()
	*tlb = MmuGather{Mm: mm}
}

// TlbRemoveTlbEntry is tlb_remove_tlb_entry, include/asm-generic/tlb.h: the address will be flushed.
func TlbRemoveTlbEntry(tlb *MmuGather, ptep *Word[PteT], address uint64) {
	enter("tlb_remove_tlb_entry", tlb, ptep, address).leave()
}

// TlbRemovePmdTlbEntry is tlb_remove_pmd_tlb_entry, include/asm-generic/tlb.h: the same for a huge page.
func TlbRemovePmdTlbEntry(tlb *MmuGather, pmdp *Word[PmdT], address uint64) {
	enter("tlb_remove_pmd_tlb_entry", tlb, pmdp, address).leave()
}

// TlbRemovePage is tlb_remove_page, include/asm-generic/tlb.h: the reference of the entry that mapped the page goes after
// the flush.
func TlbRemovePage(tlb *MmuGather, page *Page) {
	defer enter("tlb_remove_page", tlb, page).leave()
	tlb.pages = append(tlb.pages, page)
}

// PteFreeTlb is pte_free_tlb, include/asm-generic/tlb.h: the table of PTEs is freed after the flush, by RCU.
func PteFreeTlb(tlb *MmuGather, table PgtableT, address uint64) {
	defer enter("pte_free_tlb", tlb, table, address).leave()
	tlb.tables = append(tlb.tables, table)
}

// TlbFlushMmu is tlb_flush_mmu, mm/mmu_gather.c: flushes, then frees: pages at once, tables after an RCU grace period, which
// GUP-fast holds back.
func TlbFlushMmu(tlb *MmuGather) {
	defer enter("tlb_flush_mmu", tlb).leave()
	FlushTlbMm(tlb.Mm)
	if tables := tlb.tables; len(tables) > 0 {
		callRcu("tlb_remove_table", "tlb_remove_table_rcu", func() {
			for _, t := range tables {
				free("__tlb_remove_table", t)
			}
		})
	}
	for _, page := range tlb.pages {
		PutPage(page)
	}
	tlb.pages, tlb.tables = nil, nil
}

// TlbFinishMmu is tlb_finish_mmu, mm/mmu_gather.c: flushes and frees what is left.
func TlbFinishMmu(tlb *MmuGather) {
	defer enter("tlb_finish_mmu", tlb).leave()
	TlbFlushMmu(tlb)
}
