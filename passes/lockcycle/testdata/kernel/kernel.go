// want package:`pml -> ptl`

// Package kernel is the input of TestKernel: orders that the kernel's contract declares.
//
//mm:kernel v6.12
package kernel

import . "github.com/mmvet/mmvet/kernelshim"

// Upwards takes the lock of a page-table entry's table and then that of the table above, which walks take the other way round.
func Upwards(mm *MmStruct, pmd *Word[PmdT]) {
	ptl := PteLockptr(mm, pmd)
	SpinLock(ptl)
	pml := PmdLock(mm, pmd) // want `lockcycle: pml\(pmd\) is taken while ptl\(pmd\) is held: the order is pml before ptl`
	SpinUnlock(pml)
	SpinUnlock(ptl)
}

func Downwards(mm *MmStruct, pmd *Word[PmdT]) {
	pml := PmdLock(mm, pmd)
	ptl := PteLockptr(mm, pmd)
	SpinLock(ptl)
	SpinUnlock(ptl)
	SpinUnlock(pml)
}

// TwoMms locks two mms, which only dup_mmap may do, in its way.
func TwoMms(mm, oldmm *MmStruct) {
	MmapWriteLock(oldmm)
	MmapWriteLock(mm) // want `lockcycle: mmap\(mm\) is taken while mmap\(oldmm\) of the same class is held, without a nesting rule`
	MmapWriteUnlock(mm)
	MmapWriteUnlock(oldmm)
}

func Nested(mm, oldmm *MmStruct) {
	MmapWriteLock(oldmm)
	MmapWriteLockNested(mm, 1)
	MmapWriteUnlock(mm)
	MmapWriteUnlock(oldmm)
}
