// Package entries is the input of TestEntries: what an entry is known to be when it is overwritten.
//
//mm:kernel v6.1
package entries

import . "github.com/mmvet/mmvet/kernelshim"

// Unknown overwrites an entry without a look at it.
func Unknown(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT], pmd PmdT) {
	ptl := PmdLock(vma.VmMm, pmdp)
	SetPmdAt(vma.VmMm, addr, pmdp, pmd) // want `nonterminal: SetPmdAt does clear_table, which needs`
	SpinUnlock(ptl)
}

// None installs a huge page where nothing is mapped, as do_set_pmd does.
func None(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT], pmd PmdT) {
	ptl := PmdLock(vma.VmMm, pmdp)
	if PmdNone(PmdpGet(pmdp)) {
		SetPmdAt(vma.VmMm, addr, pmdp, pmd)
	}
	SpinUnlock(ptl)
}

// NotNone is the branch with the table.
func NotNone(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT], pmd PmdT) {
	ptl := PmdLock(vma.VmMm, pmdp)
	if !PmdNone(PmdpGet(pmdp)) {
		SetPmdAt(vma.VmMm, addr, pmdp, pmd) // want `clear_table`
	}
	SpinUnlock(ptl)
}

// Early returns if something is there, by a direct read.
func Early(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT], pmd PmdT) {
	ptl := PmdLock(vma.VmMm, pmdp)
	if !PmdNone(pmdp.Get()) {
		SpinUnlock(ptl)
		return
	}
	SetPmdAt(vma.VmMm, addr, pmdp, pmd)
	SpinUnlock(ptl)
}

// Leaf clears a huge mapping.
func Leaf(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT]) {
	ptl := PmdLock(vma.VmMm, pmdp)
	if PmdTransHuge(PmdpGet(pmdp)) {
		PmdClear(pmdp)
	} else {
		PmdClear(pmdp) // want `clear_table`
	}
	SpinUnlock(ptl)
}

// TestedBefore looks at the entry before it locks the table: a fault may have installed a table since.
func TestedBefore(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT], pmd PmdT) {
	none := PmdNone(PmdpGetLockless(pmdp))
	ptl := PmdLock(vma.VmMm, pmdp)
	if none {
		SetPmdAt(vma.VmMm, addr, pmdp, pmd) // want `clear_table`
	}
	SpinUnlock(ptl)
}

// TestedAgain does it again under the lock.
func TestedAgain(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT], pmd PmdT) {
	if !PmdNone(PmdpGetLockless(pmdp)) {
		return
	}
	ptl := PmdLock(vma.VmMm, pmdp)
	if PmdNone(PmdpGet(pmdp)) {
		SetPmdAt(vma.VmMm, addr, pmdp, pmd)
	}
	SpinUnlock(ptl)
}

// Dropped gives the lock back between test and store.
func Dropped(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT], pmd PmdT) {
	ptl := PmdLock(vma.VmMm, pmdp)
	none := PmdNone(PmdpGet(pmdp))
	SpinUnlock(ptl)
	ptl = PmdLock(vma.VmMm, pmdp)
	if none {
		SetPmdAt(vma.VmMm, addr, pmdp, pmd) // want `clear_table`
	}
	SpinUnlock(ptl)
}

// AfterStore clears what it has just stored.
func AfterStore(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT], pmd PmdT) {
	ptl := PmdLock(vma.VmMm, pmdp)
	if !PmdNone(PmdpGet(pmdp)) {
		goto out
	}
	SetPmdAt(vma.VmMm, addr, pmdp, pmd)
	PmdClear(pmdp)
	SetPmdAt(vma.VmMm, addr, pmdp, pmd)
out:
	SpinUnlock(ptl)
}

// AfterPopulate clears the table that it has just installed.
func AfterPopulate(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT], table PgtableT) {
	MmapReadLock(vma.VmMm)
	ptl := PmdLock(vma.VmMm, pmdp)
	if PmdNone(PmdpGet(pmdp)) {
		PmdPopulate(vma.VmMm, pmdp, table)
		PmdClear(pmdp) // want `clear_table`
	}
	SpinUnlock(ptl)
	MmapReadUnlock(vma.VmMm)
}

// Other tests one entry and stores to another.
func Other(vma *VmAreaStruct, addr uint64, a, b *Word[PmdT], pmd PmdT) {
	ptl := PmdLock(vma.VmMm, a)
	if PmdNone(PmdpGet(a)) {
		SetPmdAt(vma.VmMm, addr, b, pmd) // want `clear_table`
	}
	SpinUnlock(ptl)
}

// GetAndClear empties the entry and installs the same table again, as the failure path of collapse_huge_page does.
func GetAndClear(vma *VmAreaStruct, addr uint64, pmdp *Word[PmdT], table PgtableT) {
	var r MmuNotifierRange
	mm := vma.VmMm
	MmapWriteLock(mm)
	AnonVmaLockWrite(vma.AnonVma.Get())
	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, addr, addr+HpagePmdSize)
	MmuNotifierInvalidateRangeStart(&r)
	ptl := PmdLock(mm, pmdp)
	pmd := PmdpCollapseFlush(vma, addr, pmdp) // want `remove_table, which needs imap`
	SpinUnlock(ptl)
	MmuNotifierInvalidateRangeEnd(&r)
	TlbRemoveTableSyncOne()
	ptl = PmdLock(mm, pmdp)
	PmdPopulate(mm, pmdp, PmdPgtable(pmd))
	SpinUnlock(ptl)
	AnonVmaUnlockWrite(vma.AnonVma.Get())
	MmapWriteUnlock(mm)
}
