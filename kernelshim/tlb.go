package kernelshim

// Hardware TLBs are not modelled yet: a flush takes no step. It also waits for nobody, as where hardware broadcasts it
// (arm64) or a hypervisor does it (x86 paravirt): a flush is no substitute for tlb_remove_table_sync_one.

// FlushTlbRange is flush_tlb_range, Documentation/core-api/cachetlb.rst: no CPU uses a translation of the range any more
// that it cached before.
func FlushTlbRange(vma *VmAreaStruct, start, end uint64) {
	enter("flush_tlb_range", vma, start, end).leave()
}

// FlushTlbPage is flush_tlb_page: flush_tlb_range of one page.
func FlushTlbPage(vma *VmAreaStruct, addr uint64) { enter("flush_tlb_page", vma, addr).leave() }

// FlushTlbMm is flush_tlb_mm: the same for an address space.
func FlushTlbMm(mm *MmStruct) { enter("flush_tlb_mm", mm).leave() }

// TlbRemoveTableSyncOne is tlb_remove_table_sync_one, mm/mmu_gather.c: an IPI to all other CPUs, waited for, which GUP-fast
// holds back while it walks with interrupts off. Full barrier. Waits: interrupts must be on.
func TlbRemoveTableSyncOne() {
	defer enter("tlb_remove_table_sync_one").leave()
	SyncIPI("tlb_remove_table_sync_one")
}
