package kernelshim

import "github.com/mmvet/mmvet/kernelshim/internal/machine"

// How tables of PTEs are found and locked. Until v6.4 a task that may walk takes it for granted that what was a table
// still is one. Since v6.5 it looks under RCU, may find none, and looks again when it has the lock.

// PteOffsetMap is pte_offset_map, include/linux/pgtable.h: the entry for addr in the table that *pmd points to. Until v6.4
// a plain read of *pmd, which must point to a table. Since v6.5 it opens an RCU section, and returns nil, without it, if
// there is no table. Does not sleep.
func PteOffsetMap(pmd *Word[PmdT], addr uint64) *Word[PteT] {
	c := enter("pte_offset_map", pmd, addr)
	return leave(c, pteOffsetMap(pmd, addr))
}

func pteOffsetMap(pmd *Word[PmdT], addr uint64) *Word[PteT] {
	if !since(6, 5) {
		return mustTable("pte_offset_map", pmd).pte(addr)
	}
	RcuReadLock()
	v := PmdpGetLockless(pmd)
	if v.Table == nil {
		RcuReadUnlock()
		return nil
	}
	return v.Table.pte(addr)
}

// PteUnmap is pte_unmap, include/linux/pgtable.h: ends what pte_offset_map began; since v6.5 the RCU section.
func PteUnmap(pte *Word[PteT]) {
	defer enter("pte_unmap", pte).leave()
	if since(6, 5) {
		RcuReadUnlock()
	}
}

// PteOffsetMapLock is pte_offset_map_lock, include/linux/mm.h (since v6.5 mm/pgtable-generic.c): pte_offset_map and the
// lock of the table, which is returned as ptl. Since v6.5 it looks at *pmd again under the lock, starts over if it changed,
// and returns nil, with nothing held, if there is no table. Acquire. Does not sleep.
func PteOffsetMapLock(mm *MmStruct, pmd *Word[PmdT], addr uint64) (pte *Word[PteT], ptl *Spinlock) {
	c := enter("pte_offset_map_lock", mm, pmd, addr)
	defer func() { c.leave2(pte, ptl) }()
	if !since(6, 5) {
		// The C reads *pmd twice, plainly and with nothing between: compilers make one read of it.
		t := mustTable("pte_offset_map_lock", pmd)
		SpinLock(&t.Ptl)
		return t.pte(addr), &t.Ptl
	}
	for {
		RcuReadLock()
		v := PmdpGetLockless(pmd)
		if v.Table == nil {
			RcuReadUnlock()
			return nil, nil
		}
		SpinLock(&v.Table.Ptl)
		if PmdSame(v, PmdpGetLockless(pmd)) {
			return v.Table.pte(addr), &v.Table.Ptl
		}
		SpinUnlock(&v.Table.Ptl)
		RcuReadUnlock()
	}
}

// PteUnmapUnlock is pte_unmap_unlock, include/linux/mm.h: gives the lock back and ends the mapping. Release.
func PteUnmapUnlock(pte *Word[PteT], ptl *Spinlock) {
	defer enter("pte_unmap_unlock", pte, ptl).leave()
	SpinUnlock(ptl)
	if since(6, 5) {
		RcuReadUnlock()
	}
}

// PteLockptr is pte_lockptr, include/linux/mm.h: the lock of the table of PTEs that *pmd points to. It lives in the table.
// A plain read of *pmd.
func PteLockptr(mm *MmStruct, pmd *Word[PmdT]) *Spinlock {
	c := enter("pte_lockptr", mm, pmd)
	return leave(c, &mustTable("pte_lockptr", pmd).Ptl)
}

// PmdLockptr is pmd_lockptr, include/linux/mm.h: the lock of the table of PMDs that the entry stands in.
func PmdLockptr(mm *MmStruct, pmd *Word[PmdT]) *Spinlock {
	c := enter("pmd_lockptr", mm, pmd)
	return leave(c, &tableOf(pmd).Ptl)
}

// PmdLock is pmd_lock, include/linux/mm.h: takes that lock and returns it. Acquire. Does not sleep.
func PmdLock(mm *MmStruct, pmd *Word[PmdT]) *Spinlock {
	c := enter("pmd_lock", mm, pmd)
	ptl := &tableOf(pmd).Ptl
	SpinLock(ptl)
	return leave(c, ptl)
}

// PmdTransHugeLock is pmd_trans_huge_lock, include/linux/huge_mm.h: if the entry maps a huge page, the lock of its table,
// taken; else nil. Acquire. Does not sleep.
func PmdTransHugeLock(pmd *Word[PmdT], vma *VmAreaStruct) *Spinlock {
	c := enter("pmd_trans_huge_lock", pmd, vma)
	if !PmdTransHuge(ReadOnce(pmd)) {
		return leave[*Spinlock](c, nil)
	}
	ptl := PmdLock(vma.VmMm, pmd)
	if PmdTransHuge(pmd.Get()) {
		return leave(c, ptl)
	}
	SpinUnlock(ptl)
	return leave[*Spinlock](c, nil)
}

// PteOf returns the entry for addr in the table that the value of a PMD entry points to: pte_offset_kernel(&pmd, addr) in C, as
// lockless walkers use it.
func PteOf(pmd PmdT, addr uint64) *Word[PteT] { return pmd.Table.pte(addr) }

// PteAdvance returns the entry i after pte: pte + i in C.
func PteAdvance(pte *Word[PteT], i int) *Word[PteT] {
	t := ptdesc(pte.at("pte"))
	for n := range t.Pte {
		if &t.Pte[n] == pte {
			return &t.Pte[n+i]
		}
	}
	return nil
}

// pte returns the table's entry for addr.
func (t *Ptdesc) pte(addr uint64) *Word[PteT] { return &t.Pte[addr>>PageShift%PtrsPerPte] }

// pmd returns the table's entry for addr.
func (t *Ptdesc) pmd(addr uint64) *Word[PmdT] { return &t.Pmd[addr>>PmdShift%PtrsPerPmd] }

// tableOf returns the table that the entry stands in: virt_to_page in C.
func tableOf(pmd *Word[PmdT]) *Ptdesc { return ptdesc(pmd.at("pmd")) }

func ptdesc(loc *machine.Loc) *Ptdesc { return loc.Obj.Value.(*Ptdesc) }

// mustTable reads an entry, plainly, that must point to a table.
func mustTable(prim string, pmd *Word[PmdT]) *Ptdesc {
	t := pmd.Get().Table
	if t == nil {
		badTable(prim, "PMD", pmd.String())
	}
	return t
}
