package kernelshim

// An MmuGather is struct mmu_gather, include/asm-generic/tlb.h: pages and page tables that a task has unmapped, to be freed
// when the TLB is flushed. It belongs to the task.
type MmuGather struct {
	Mm         *MmStruct
	pages      []*Page
	tables     []*Ptdesc
	start, end uint64 // to be flushed
}

// String describes the argument in traces.
func (tlb *MmuGather) String() string { return "tlb" }

// TlbGatherMmu is tlb_gather_mmu, mm/mmu_gather.c: begins to gather. Touches no shared memory.
func TlbGatherMmu(tlb *MmuGather, mm *MmStruct) {
	defer enter("tlb_gather_mmu", tlb, mm).leave()
	*tlb = MmuGather{Mm: mm, start: ^uint64(0)}
}

// TlbRemoveTlbEntry is tlb_remove_tlb_entry, include/asm-generic/tlb.h: the address will be flushed.
func TlbRemoveTlbEntry(tlb *MmuGather, ptep *Word[PteT], address uint64) {
	defer enter("tlb_remove_tlb_entry", tlb, ptep, address).leave()
	tlb.adjustRange(address, PageSize)
}

// TlbRemovePmdTlbEntry is tlb_remove_pmd_tlb_entry, include/asm-generic/tlb.h: the same for a huge page.
func TlbRemovePmdTlbEntry(tlb *MmuGather, pmdp *Word[PmdT], address uint64) {
	defer enter("tlb_remove_pmd_tlb_entry", tlb, pmdp, address).leave()
	tlb.adjustRange(address, HpagePmdSize)
}

// adjustRange is __tlb_adjust_range, include/asm-generic/tlb.h.
func (tlb *MmuGather) adjustRange(address, size uint64) {
	tlb.start, tlb.end = min(tlb.start, address), max(tlb.end, address+size)
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
	tlb.adjustRange(address&PmdMask, PmdSize) // of a table, all that it may have mapped: the caches of upper levels go with it
}

// TlbFlushMmu is tlb_flush_mmu, mm/mmu_gather.c: flushes, then frees: pages at once, tables after an RCU grace period, which
// GUP-fast holds back.
func TlbFlushMmu(tlb *MmuGather) {
	defer enter("tlb_flush_mmu", tlb).leave()
	flushTlb("tlb_flush_mmu", tlb.Mm, tlb.start, tlb.end)
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
	*tlb = MmuGather{Mm: tlb.Mm, start: ^uint64(0)}
}

// TlbFinishMmu is tlb_finish_mmu, mm/mmu_gather.c: flushes and frees what is left.
func TlbFinishMmu(tlb *MmuGather) {
	defer enter("tlb_finish_mmu", tlb).leave()
	TlbFlushMmu(tlb)
}
