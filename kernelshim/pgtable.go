package kernelshim

import (
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// PgdOffset is pgd_offset, include/linux/pgtable.h: the mm's top-level entry for addr. Touches no memory.
func PgdOffset(mm *MmStruct, addr uint64) *Word[PgdT] { return &mm.Pgd[addr>>PudShift%PtrsPerPgd] }

// P4dOffset is p4d_offset, folded: the same entry.
func P4dOffset(pgd *Word[PgdT], addr uint64) *Word[P4dT] { return pgd }

// PudOffset is pud_offset, folded: the same entry.
func PudOffset(p4d *Word[P4dT], addr uint64) *Word[PudT] { return p4d }

// PmdOffset is pmd_offset, include/linux/pgtable.h: the entry for addr in the table of PMDs that *pud points to. A plain
// read of *pud, which must point to a table.
func PmdOffset(pud *Word[PudT], addr uint64) *Word[PmdT] {
	t := pud.Get().Table
	if t == nil {
		badTable("pmd_offset", "PUD", pud.String())
	}
	return t.pmd(addr)
}

// MmFindPmd is mm_find_pmd, mm/rmap.c (v6.1): the PMD entry for address, or nil if a table above it is missing. The entry
// may be none, or huge.
func MmFindPmd(mm *MmStruct, address uint64) *Word[PmdT] {
	c := enter("mm_find_pmd", mm, address)
	pud := PudOffset(P4dOffset(PgdOffset(mm, address), address), address).Get()
	if !PudPresent(pud) {
		return leave[*Word[PmdT]](c, nil)
	}
	return leave(c, pud.Table.pmd(address))
}

// PmdpGet is pmdp_get, include/linux/pgtable.h: READ_ONCE of the entry.
func PmdpGet(pmdp *Word[PmdT]) PmdT { return getEntry("pmdp_get", pmdp) }

// PmdpGetLockless is pmdp_get_lockless, include/linux/pgtable.h: READ_ONCE of the entry, by a task that does not hold the
// lock of its table.
func PmdpGetLockless(pmdp *Word[PmdT]) PmdT { return getEntry("pmdp_get_lockless", pmdp) }

// PmdReadAtomic is pmd_read_atomic, include/linux/pgtable.h (until v6.2, then pmdp_get_lockless).
func PmdReadAtomic(pmdp *Word[PmdT]) PmdT { return getEntry("pmd_read_atomic", pmdp) }

// PmdpGetLocklessSync is pmdp_get_lockless_sync, include/linux/pgtable.h: waits for readers that read a PMD in halves. Here entries
// are read as a whole: it takes no step.
func PmdpGetLocklessSync() { enter("pmdp_get_lockless_sync").leave() }

// PtepGet is ptep_get, include/linux/pgtable.h: READ_ONCE of the entry.
func PtepGet(ptep *Word[PteT]) PteT { return getEntry("ptep_get", ptep) }

// PtepGetLockless is ptep_get_lockless, include/linux/pgtable.h: READ_ONCE of the entry, without the PTL.
func PtepGetLockless(ptep *Word[PteT]) PteT { return getEntry("ptep_get_lockless", ptep) }

func getEntry[T comparable](prim string, p *Word[T]) T {
	c := enter(prim, p)
	return leave(c, p.load(prim, memorder.Once))
}

// PmdNoneOrTransHugeOrClearBad is pmd_none_or_trans_huge_or_clear_bad, include/linux/pgtable.h (until v6.4): whether there
// is no table of PTEs below the entry. READ_ONCE.
func PmdNoneOrTransHugeOrClearBad(pmd *Word[PmdT]) bool {
	v := PmdReadAtomic(pmd)
	return PmdNone(v) || PmdTransHuge(v) || PmdBad(v)
}

// SetPteAt is set_pte_at, include/linux/pgtable.h: WRITE_ONCE of the entry. Needs the PTL.
func SetPteAt(mm *MmStruct, addr uint64, ptep *Word[PteT], pte PteT) {
	defer enter("set_pte_at", mm, addr, ptep, pte).leave()
	ptep.store("set_pte_at", memorder.Once, pte)
}

// PteClear is pte_clear, include/linux/pgtable.h: WRITE_ONCE of none. Needs the PTL.
func PteClear(mm *MmStruct, addr uint64, ptep *Word[PteT]) {
	defer enter("pte_clear", mm, addr, ptep).leave()
	ptep.store("pte_clear", memorder.Once, PteT{})
}

// PtepGetAndClear is ptep_get_and_clear, include/linux/pgtable.h: exchanges the entry for none, atomically with what the
// hardware does to it. Unordered: it is xchg_relaxed on arm64. Needs the PTL.
func PtepGetAndClear(mm *MmStruct, addr uint64, ptep *Word[PteT]) PteT {
	c := enter("ptep_get_and_clear", mm, addr, ptep)
	return leave(c, ptep.xchg("ptep_get_and_clear", memorder.Once, PteT{}))
}

// PtepSetWrprotect is ptep_set_wrprotect, include/linux/pgtable.h: makes the entry read-only, atomically with what the hardware
// does to it. Unordered. Needs the PTL.
func PtepSetWrprotect(mm *MmStruct, addr uint64, ptep *Word[PteT]) {
	defer enter("ptep_set_wrprotect", mm, addr, ptep).leave()
	ptep.rmw("ptep_set_wrprotect", memorder.Noreturn, 0, PteWrprotect)
}

// PtepModifyProtStart is ptep_modify_prot_start, include/linux/pgtable.h: takes the entry out, so that hardware does not change it
// while it is being changed. Unordered. Needs the PTL, until ptep_modify_prot_commit.
func PtepModifyProtStart(vma *VmAreaStruct, addr uint64, ptep *Word[PteT]) PteT {
	c := enter("ptep_modify_prot_start", vma, addr, ptep)
	return leave(c, ptep.xchg("ptep_modify_prot_start", memorder.Once, PteT{}))
}

// PtepModifyProtCommit is ptep_modify_prot_commit, include/linux/pgtable.h: puts the changed entry in. WRITE_ONCE. Needs the PTL.
func PtepModifyProtCommit(vma *VmAreaStruct, addr uint64, ptep *Word[PteT], oldPte, pte PteT) {
	defer enter("ptep_modify_prot_commit", vma, addr, ptep, oldPte, pte).leave()
	ptep.store("ptep_modify_prot_commit", memorder.Once, pte)
}

// PtepClearFlush is ptep_clear_flush, mm/pgtable-generic.c: ptep_get_and_clear and flush_tlb_page. Unordered: a flush need not
// be an interrupt or a barrier. Needs the PTL.
func PtepClearFlush(vma *VmAreaStruct, address uint64, ptep *Word[PteT]) PteT {
	c := enter("ptep_clear_flush", vma, address, ptep)
	pte := ptep.xchg("ptep_clear_flush", memorder.Once, PteT{})
	FlushTlbPage(vma, address)
	return leave(c, pte)
}

// PtepTestAndClearYoung is ptep_test_and_clear_young, include/linux/pgtable.h: clears the accessed bit, and returns whether
// it was set. Needs the PTL.
func PtepTestAndClearYoung(vma *VmAreaStruct, address uint64, ptep *Word[PteT]) bool {
	c := enter("ptep_test_and_clear_young", vma, address, ptep)
	old := ptep.rmw("ptep_test_and_clear_young", memorder.Noreturn, 0, func(v PteT) PteT {
		v.Prot &^= PageAccessed
		return v
	})
	return leave(c, old.Prot&PageAccessed != 0)
}

// SetPmdAt is set_pmd_at, include/linux/pgtable.h: WRITE_ONCE of the entry, for leaves only. Needs the PMD's lock.
func SetPmdAt(mm *MmStruct, addr uint64, pmdp *Word[PmdT], pmd PmdT) {
	defer enter("set_pmd_at", mm, addr, pmdp, pmd).leave()
	pmdp.store("set_pmd_at", memorder.Once, pmd)
}

// PmdClear is pmd_clear, include/linux/pgtable.h: WRITE_ONCE of none. Needs the PMD's lock.
func PmdClear(pmdp *Word[PmdT]) {
	defer enter("pmd_clear", pmdp).leave()
	pmdp.store("pmd_clear", memorder.Once, PmdT{})
}

// PmdPopulate is pmd_populate, arch/x86/include/asm/pgalloc.h: makes the entry point to a table of PTEs, whose contents
// must have been ordered before. WRITE_ONCE. Needs the PMD's lock.
func PmdPopulate(mm *MmStruct, pmd *Word[PmdT], pte PgtableT) {
	defer enter("pmd_populate", mm, pmd, pte).leave()
	if pte == nil {
		do("pmd_populate", &machine.Op{Code: machine.Fault, Err: &machine.Error{Kind: "oops",
			Text: "pmd_populate makes physical page 0 a page table"}})
	}
	pmd.store("pmd_populate", memorder.Once, PmdT{Table: pte})
}

// PmdpHugeGetAndClear is pmdp_huge_get_and_clear, include/linux/pgtable.h: exchanges the entry for none. Fully ordered.
// Needs the PMD's lock.
func PmdpHugeGetAndClear(mm *MmStruct, address uint64, pmdp *Word[PmdT]) PmdT {
	c := enter("pmdp_huge_get_and_clear", mm, address, pmdp)
	return leave(c, pmdp.xchg("pmdp_huge_get_and_clear", memorder.Mb, PmdT{}))
}

// PmdpCollapseFlush is pmdp_collapse_flush, mm/pgtable-generic.c: takes the table of PTEs out of the entry, which must
// point to one, flushes the TLB for the range, and returns what the entry was. Fully ordered. The caller excludes all page
// walks, or frees the table by RCU: see remove_table in the lock contract.
func PmdpCollapseFlush(vma *VmAreaStruct, address uint64, pmdp *Word[PmdT]) PmdT {
	c := enter("pmdp_collapse_flush", vma, address, pmdp)
	VmBugOn(address&^HpagePmdMask != 0, "pmdp_collapse_flush of an address that is not aligned")
	pmd := pmdp.xchg("pmdp_collapse_flush", memorder.Mb, PmdT{})
	VmBugOn(PmdTransHuge(pmd), "pmdp_collapse_flush of a huge PMD")
	FlushTlbRange(vma, address, address+HpagePmdSize)
	return leave(c, pmd)
}

// badTable reports a walk through an entry that points to no table: in the kernel a wild pointer.
func badTable(prim, level, entry string) {
	do(prim, &machine.Op{Code: machine.Fault, Err: &machine.Error{Kind: "oops",
		Text: prim + " follows " + level + " entry " + entry + ", which points to no table"}})
}
