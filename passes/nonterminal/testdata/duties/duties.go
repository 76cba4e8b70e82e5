// Package duties is the input of TestDuties: what a removed table is owed before it is freed.
//
//mm:kernel v6.1
package duties

import . "github.com/mmvet/mmvet/kernelshim"

//mm:port collapse_and_free_pmd mm/khugepaged.c v6.1
func CollapseAndFreePmd(mm *MmStruct, vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	var r MmuNotifierRange
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, addr, addr+HpagePmdSize)
	MmuNotifierInvalidateRangeStart(&r)
	pmd := PmdpCollapseFlush(vma, addr, pmdp)
	MmuNotifierInvalidateRangeEnd(&r)
	switch addr {
	case 0:
		TlbRemoveTableSyncOne()
		PteFree(mm, PmdPgtable(pmd))
	case 1:
		SynchronizeRcu()
		PteFree(mm, PmdPgtable(pmd))
	case 2:
		PteFree(mm, PmdPgtable(pmd)) // want `nonterminal: remove_table must be followed by sync_ipi or rcu_grace before free_table`
	case 3:
		if r.Start != 0 {
			TlbRemoveTableSyncOne()
		}
		PteFree(mm, PmdPgtable(pmd)) // want `nonterminal: remove_table must be followed by sync_ipi or rcu_grace before free_table`
	case 4:
		for range 3 {
			SynchronizeRcu()
		}
		PteFree(mm, PmdPgtable(pmd)) // want `nonterminal: remove_table must be followed by sync_ipi or rcu_grace before free_table`
	case 5:
		SynchronizeRcu()
		TlbRemoveTableSyncOne()
		PteFree(mm, PmdPgtable(pmd))
	}
}

// NotRemoved frees a table that no entry ever pointed to.
func NotRemoved(mm *MmStruct) {
	table := PteAllocOne(mm)
	PteFree(mm, table)
}
