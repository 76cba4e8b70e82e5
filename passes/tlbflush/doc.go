// Package tlbflush reports TLB flushes that are missing, too late or too short.
//
// # Analyzer tlbflush
//
// tlbflush: check that cleared page-table entries are flushed in time
//
// A CPU may go on using a translation after its page-table entry was cleared, until the TLB is flushed. So the contract says
// of each operation that takes an entry away by when it must be flushed: before the page-table lock is dropped, since whoever
// takes it next relies on what the entry says; before a page or a page table is freed, since it may be reused while a CPU
// still writes to it. Entries that are gathered (tlb_gather_mmu, tlb_remove_tlb_entry) are flushed by tlb_finish_mmu, which
// must be reached on every path. What ptep_clear_flush and pmdp_collapse_flush clear, they flush themselves.
//
// A flush counts only for what it covers: flush_tlb_page of another address, or a range that does not include the address,
// settles nothing.
//
// This is WRONG:
//
//	PtepGetAndClear(mm, addr, pte)
//	PteUnmapUnlock(pte, ptl)
//	FlushTlbPage(vma, addr) // too late: another task may have moved or freed the page already
//
// This is RIGHT:
//
//	PtepGetAndClear(mm, addr, pte)
//	FlushTlbPage(vma, addr)
//	PteUnmapUnlock(pte, ptl)
//
// Known limits: an entry is taken to be present when it is cleared by ptep_get_and_clear; a range is compared only if both
// addresses are the same variable plus a constant.
package tlbflush
