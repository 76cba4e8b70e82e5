// Package nonterminal reports page tables that are removed, moved or freed without the locks under which a walk can start.
//
// # Analyzer nonterminal
//
// nonterminal: check that page tables are removed only where no walk can reach them
//
// A page walk may start under any one of the mmap lock, the lock of an anon_vma attached to the VMA, and the lock of the
// file's mapping, held in any mode. A walker that has seen a non-terminal entry, one that points to a page table, relies on
// it to stay. So page-table locks do not suffice to remove a table. Under the classic rules, until v6.6, it takes the mmap
// lock, the mapping's lock if the VMA maps a file and the anon_vma's lock if it has one, all for writing; an MMU notifier
// bracket around the removal; and before the table is freed a TLB flush and an IPI to all CPUs, or an RCU grace period,
// since GUP-fast walks with interrupts off and no lock. Since v6.6 there is another set of rules with page-table locks,
// rechecks and deferred free; the kernel release that the port names decides.
//
// This is WRONG (v6.0):
//
//	MmapAssertWriteLocked(mm)
//	ptl := PmdLock(mm, pmdp)
//	pmd := PmdpCollapseFlush(vma, addr, pmdp) // an rmap walker may be on its way to the table
//	SpinUnlock(ptl)
//	PteFree(mm, PmdPgtable(pmd))
//
// This is RIGHT (v6.1):
//
//	IMmapLockWrite(mapping)
//	AnonVmaLockWrite(vma.AnonVma.Get()) // if there is one
//	MmuNotifierInvalidateRangeStart(&range_)
//	pmd := PmdpCollapseFlush(vma, addr, pmdp)
//	TlbRemoveTableSyncOne()
//	MmuNotifierInvalidateRangeEnd(&range_)
//	PteFree(mm, PmdPgtable(pmd))
//
// Entries are followed by what the code has tested: an entry known to be none or a leaf may be changed under its page-table
// lock.
//
// Known limits: which VMA an entry belongs to is known from the operation's VMA argument; operations without one are checked
// against any lock of the class.
package nonterminal
