// Package kernel uses objects of the kernel after what kept them was released.
//
//mm:kernel v6.16
package kernel

import . "github.com/mmvet/mmvet/kernelshim"

//mm:port lock_vma_under_rcu mm/memory.c v6.16
func LockVmaUnderRcu(mm *MmStruct, address uint64) *VmAreaStruct

//mm:port vma_end_read include/linux/mm.h v6.16
func VmaEndRead(vma *VmAreaStruct)

//mm:port vma_start_read include/linux/mmap_lock.h v6.16
func VmaStartRead(mm *MmStruct, vma *VmAreaStruct) *VmAreaStruct

//mm:port mas_walk lib/maple_tree.c v6.16
func MasWalk(mas any) *VmAreaStruct

//mm:port get_task_mm kernel/fork.c v6.16
func GetTaskMm(task any) *MmStruct

//mm:port mmput kernel/fork.c v6.16
func Mmput(mm *MmStruct)

//mm:port madvise_willneed mm/madvise.c v6.16
func MadviseWillneed(vma *VmAreaStruct, prev **VmAreaStruct, start, end uint64) int

// RcuwaitWakeUp is rcuwait_wake_up, kernel/exit.c: it wakes the writer of mm that waits for readers of a VMA.
func RcuwaitWakeUp(mm *MmStruct) { AtomicInc(&mm.MmCount) }

// What the fault handler returns, and the flags that it gets: include/linux/mm_types.h.
const (
	VmFaultRetry     = 0x400
	VmFaultCompleted = 0x4000
	FaultFlagVmaLock = 0x1000
)

//mm:port handle_mm_fault mm/memory.c v6.16
func HandleMmFault(vma *VmAreaStruct, address uint64, flags uint, regs any) int

func AfterUnlock(mm *MmStruct) VmFlagsT {
	MmapReadLock(mm)
	vma := FindVma(mm, 0)
	MmapReadUnlock(mm)
	return vma.VmFlags.Get() // want `lifetime: vma is used after MmapReadUnlock released what kept it`
}

func BeforeUnlock(mm *MmStruct) VmFlagsT {
	MmapReadLock(mm)
	vma := FindVma(mm, 0)
	flags := vma.VmFlags.Get()
	MmapReadUnlock(mm)
	return flags
}

// Relocked does not find the VMA again.
func Relocked(mm *MmStruct) VmFlagsT {
	MmapReadLock(mm)
	vma := FindVma(mm, 0)
	MmapReadUnlock(mm)
	MmapReadLock(mm)
	flags := vma.VmFlags.Get() // want `lifetime: vma is used after MmapReadUnlock released what kept it`
	MmapReadUnlock(mm)
	return flags
}

func FoundAgain(mm *MmStruct) VmFlagsT {
	MmapReadLock(mm)
	vma := FindVma(mm, 0)
	MmapReadUnlock(mm)
	MmapReadLock(mm)
	vma = FindVma(mm, 0)
	flags := vma.VmFlags.Get()
	MmapReadUnlock(mm)
	return flags
}

func Downgraded(mm *MmStruct) VmFlagsT {
	MmapWriteLock(mm)
	vma := FindVma(mm, 0)
	MmapWriteDowngrade(mm)
	flags := vma.VmFlags.Get()
	MmapReadUnlock(mm)
	return flags
}

func AfterEndRead(mm *MmStruct) VmFlagsT {
	vma := LockVmaUnderRcu(mm, 0)
	if vma == nil {
		return 0
	}
	VmaEndRead(vma)
	return vma.VmFlags.Get() // want `lifetime: vma is used after VmaEndRead released what kept it`
}

// EndReadUnderMmap still holds the mmap lock under which it found the VMA.
func EndReadUnderMmap(mm *MmStruct) {
	MmapReadLock(mm)
	vma := FindVma(mm, 0)
	if locked := LockVmaUnderRcu(mm, 0); locked != nil {
		VmaEndRead(locked)
	}
	vma.VmFlags.Get()
	MmapReadUnlock(mm)
}

// Fault goes on with the VMA although the fault may have to be retried, with its lock gone.
func Fault(mm *MmStruct, address uint64) VmFlagsT {
	MmapReadLock(mm)
	vma := FindVma(mm, address)
	ret := HandleMmFault(vma, address, 0, nil)
	flags := vma.VmFlags.Get() // want `lifetime: vma is used after HandleMmFault released what kept it on some paths`
	if ret&VmFaultRetry == 0 && ret&VmFaultCompleted == 0 {
		MmapReadUnlock(mm)
	}
	return flags
}

func FaultRetried(mm *MmStruct, address uint64) VmFlagsT {
	MmapReadLock(mm)
	vma := FindVma(mm, address)
	ret := HandleMmFault(vma, address, 0, nil)
	if ret&VmFaultRetry != 0 {
		return vma.VmFlags.Get() // want `lifetime: vma is used after HandleMmFault released what kept it`
	}
	if ret&VmFaultCompleted != 0 {
		return 0
	}
	flags := vma.VmFlags.Get()
	MmapReadUnlock(mm)
	return flags
}

// UnderVmaLock faults under the lock of the VMA.
func UnderVmaLock(mm *MmStruct, address uint64) {
	vma := LockVmaUnderRcu(mm, address)
	if vma == nil {
		return
	}
	ret := HandleMmFault(vma, address, FaultFlagVmaLock, nil)
	if ret&VmFaultRetry != 0 || ret&VmFaultCompleted != 0 {
		return
	}
	VmaEndRead(vma)
}

// UnderRcu leaves the read section with the VMA locked, or not.
func UnderRcu(mm *MmStruct, mas any) VmFlagsT {
	RcuReadLock()
	vma := MasWalk(mas)
	if VmaStartRead(mm, vma) == nil {
		RcuReadUnlock()
		return vma.VmFlags.Get() // want `lifetime: vma is used after RcuReadUnlock released what kept it`
	}
	RcuReadUnlock()
	flags := vma.VmFlags.Get()
	VmaEndRead(vma)
	return flags
}

// OtherMm is the end of vma_refcount_put as lock_vma_under_rcu called it until v6.16 for a VMA that had become one of
// another process (CVE-2025-38554): only the reference to the VMA kept its mm.
func OtherMm(mm *MmStruct, mas any) {
	RcuReadLock()
	vma := MasWalk(mas)
	if VmaStartRead(mm, vma) == nil {
		RcuReadUnlock()
		return
	}
	RcuReadUnlock()
	if other := vma.VmMm; other != mm {
		VmaEndRead(vma)
		RcuwaitWakeUp(other) // want `lifetime: vma.VmMm is used after VmaEndRead released what kept it`
		return
	}
	VmaEndRead(vma)
}

// OtherMmGrabbed is the same as mended by 9bbffee67ffd.
func OtherMmGrabbed(mm *MmStruct, mas any) {
	RcuReadLock()
	vma := MasWalk(mas)
	if VmaStartRead(mm, vma) == nil {
		RcuReadUnlock()
		return
	}
	RcuReadUnlock()
	if other := vma.VmMm; other != mm {
		Mmgrab(other)
		VmaEndRead(vma)
		RcuwaitWakeUp(other)
		Mmdrop(other)
		return
	}
	VmaEndRead(vma)
}

func AfterMmput(task any) {
	mm := GetTaskMm(task)
	if mm == nil {
		return
	}
	Mmput(mm)
	MmapReadLock(mm) // want `lifetime: mm is used after Mmput released what kept it`
	MmapReadUnlock(mm)
}

func UnlockAfterMmput(task any) {
	mm := GetTaskMm(task)
	if mm == nil {
		return
	}
	MmapReadLock(mm)
	Mmput(mm)
	MmapReadUnlock(mm) // want `lifetime: mm is used after Mmput released what kept it`
}

func GrabbedBeforeMmput(task any) {
	mm := GetTaskMm(task)
	if mm == nil {
		return
	}
	Mmgrab(mm)
	Mmput(mm)
	MmapReadLock(mm)
	MmapReadUnlock(mm)
	Mmdrop(mm)
}

func AfterPteUnmap(mm *MmStruct, pmd *Word[PmdT]) PteT {
	pte, ptl := PteOffsetMapLock(mm, pmd, 0)
	if pte == nil {
		return PteT{}
	}
	PteUnmapUnlock(pte, ptl)
	return PtepGet(pte) // want `lifetime: pte is used after PteUnmapUnlock released what kept it`
}

func BeforePteUnmap(mm *MmStruct, pmd *Word[PmdT]) PteT {
	pte, ptl := PteOffsetMapLock(mm, pmd, 0)
	if pte == nil {
		return PteT{}
	}
	v := PtepGet(pte)
	PteUnmapUnlock(pte, ptl)
	return v
}

func AfterUnlockAnonVma(folio *Folio) {
	FolioLock(folio)
	av := FolioLockAnonVmaRead(folio, nil)
	if av == nil {
		FolioUnlock(folio)
		return
	}
	AnonVmaUnlockRead(av)
	AnonVmaIntervalTreeIterFirst(av, 0, 1) // want `lifetime: av is used after AnonVmaUnlockRead released what kept it`
	FolioUnlock(folio)
}

func AfterPut(mapping *AddressSpace) {
	page := FindLockPage(mapping, 0)
	if page == nil {
		return
	}
	UnlockPage(page)
	PutPage(page)
	PageMapcount(page) // want `lifetime: page is used after PutPage released what kept it`
}

func PutThenUnlock(mapping *AddressSpace) {
	page := FindLockPage(mapping, 0)
	if page == nil {
		return
	}
	GetPage(page)
	UnlockPage(page)
	PutPage(page)
	PageMapcount(page)
	PutPage(page)
}

// MadviseWillneed's callers lend it the VMA: it drops mmap in between (K49: until 5.9 it used the VMA after it).
//
//mm:port madvise_remove mm/madvise.c v6.16
func MadviseRemove(vma *VmAreaStruct, prev **VmAreaStruct, start, end uint64) int {
	*prev = nil
	mm := vma.VmMm
	MmapReadUnlock(mm)
	offset := start - vma.VmStart.Get() // want `lifetime: vma is used after MmapReadUnlock released what kept it`
	MmapReadLock(mm)
	return int(offset)
}

func Freed(mm *MmStruct, table PgtableT) {
	PteFree(mm, table)
	PteFreeDefer(mm, table) // want `lifetime: table is used after PteFree gave it away`
}

// StackRot is the slow path of the fix of CVE-2023-3269 without its second lookup: the lock is taken for writing to let the
// stack grow, and the VMA is the one that was found before.
func StackRot(mm *MmStruct, addr uint64) {
	MmapReadLock(mm)
	vma := FindVma(mm, addr)
	if vma == nil || vma.VmStart.Get() <= addr {
		MmapReadUnlock(mm)
		return
	}
	MmapReadUnlock(mm)
	MmapWriteLock(mm)
	vma.VmStart.Set(addr) // want `lifetime: vma is used after MmapReadUnlock released what kept it`
	MmapWriteUnlock(mm)
}
