package classic

import . "github.com/mmvet/mmvet/kernelshim"

// Install makes a table under the mmap lock, as a fault does.
func Install(mm *MmStruct, pmdp *Word[PmdT], table PgtableT) {
	MmapReadLock(mm)
	ptl := PmdLock(mm, pmdp)
	if PmdNone(pmdp.Get()) {
		PmdPopulate(mm, pmdp, table)
	}
	SpinUnlock(ptl)
	MmapReadUnlock(mm)
}

// RmapOnly makes one under the lock of a reverse map: free_pgtables relies on nothing appearing after the zap.
func RmapOnly(mapping *AddressSpace, mm *MmStruct, pmdp *Word[PmdT], table PgtableT) {
	IMmapLockRead(mapping)
	ptl := PmdLock(mm, pmdp)
	PmdPopulate(mm, pmdp, table) // want `install_table, which needs mmap`
	SpinUnlock(ptl)
	IMmapUnlockRead(mapping)
}

// NoPtl makes one without the lock of the table above.
func NoPtl(mm *MmStruct, pmdp *Word[PmdT], table PgtableT) {
	MmapReadLock(mm)
	PmdPopulate(mm, pmdp, table) // want `install_table, which needs pml`
	MmapReadUnlock(mm)
}
