package kernelshim

import (
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// A flush takes steps only for the addresses whose translations the scenario has CPUs cache (CacheTranslations), and then waits
// until no CPU uses an old one. It waits for nothing else, as where hardware broadcasts it (arm64) or a hypervisor does it
// (x86 paravirt): a flush is no substitute for tlb_remove_table_sync_one.

// FlushTlbRange is flush_tlb_range, Documentation/core-api/cachetlb.rst: no CPU uses a translation of the range any more
// that it cached before.
func FlushTlbRange(vma *VmAreaStruct, start, end uint64) {
	defer enter("flush_tlb_range", vma, start, end).leave()
	flushTlb("flush_tlb_range", vma.VmMm, start, end)
}

// FlushTlbPage is flush_tlb_page: flush_tlb_range of one page.
func FlushTlbPage(vma *VmAreaStruct, addr uint64) {
	defer enter("flush_tlb_page", vma, addr).leave()
	flushTlb("flush_tlb_page", vma.VmMm, addr, addr+PageSize)
}

// FlushTlbMm is flush_tlb_mm: the same for an address space.
func FlushTlbMm(mm *MmStruct) {
	defer enter("flush_tlb_mm", mm).leave()
	flushTlb("flush_tlb_mm", mm, 0, ^uint64(0))
}

// TlbRemoveTableSyncOne is tlb_remove_table_sync_one, mm/mmu_gather.c: an IPI to all other CPUs, waited for, which GUP-fast
// holds back while it walks with interrupts off. Full barrier. Waits: interrupts must be on.
func TlbRemoveTableSyncOne() {
	defer enter("tlb_remove_table_sync_one").leave()
	SyncIPI("tlb_remove_table_sync_one")
}

// flushTlb waits until no CPU that may have cached a translation of the range goes on using it. Two steps for each page: the
// flush covers what is cached at the first, and nothing of that is in use after the second. A full barrier.
func flushTlb(prim string, mm *MmStruct, start, end uint64) {
	if mm.tlb == nil {
		return
	}
	cpus := mm.tlb.cpus()
	if cpus == 0 {
		return
	}
	var open [PtrsPerPgd * PtrsPerPmd * PtrsPerPte]machine.Translations
	for i := range mm.tlb.Slots {
		if s := &mm.tlb.Slots[i]; start <= s.addr && s.addr < end {
			op := &machine.Op{Code: machine.Begin, Tag: memorder.Mb, Access: machine.Reads, CPUs: cpus, Loc: s.at(prim), Arg: cpus}
			op.Do = func(old any) machine.Outcome {
				return machine.Outcome{New: old, Ret: old.(machine.Translations).Open(cpus)}
			}
			open[i] = do(prim, op).(machine.Translations)
		}
	}
	for i := range mm.tlb.Slots {
		if s := &mm.tlb.Slots[i]; start <= s.addr && s.addr < end {
			op := &machine.Op{Code: machine.End, Tag: memorder.Mb, Access: machine.Reads, CPUs: cpus, Loc: s.at(prim), Arg: cpus}
			op.Do = func(old any) machine.Outcome {
				return machine.Outcome{New: old, Blocked: !old.(machine.Translations).Ended(open[i])}
			}
			do(prim, op)
		}
	}
}
