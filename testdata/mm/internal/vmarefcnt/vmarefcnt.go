// Package vmarefcnt has the VMA locks of v6.15 and later, which are a reference count: what the stories about them do not change. The
// memory of a VMA is recycled while RCU readers look at it (SLAB_TYPESAFE_BY_RCU), so that vm_mm is no constant.
//
//mm:kernel v6.16
package vmarefcnt

import "github.com/mmvet/mmvet/kernelshim"

// An MmStruct is mm_struct, include/linux/mm_types.h.
type MmStruct struct {
	kernelshim.Object
	MmLockSeq     kernelshim.SeqcountT // odd while mmap_lock is held for writing
	MmCount       kernelshim.AtomicT
	VmaWriterWait kernelshim.Word[int] // struct rcuwait: who waits for readers to leave
}

// A VmAreaStruct is vm_area_struct, include/linux/mm_types.h.
type VmAreaStruct struct {
	kernelshim.Object
	VmMm      kernelshim.Word[*MmStruct]
	VmFlags   kernelshim.Word[uint64]
	VmUffdCtx kernelshim.Word[bool]   // vm_userfaultfd_ctx is set
	VmLockSeq kernelshim.Word[uint32] // write-locked while it equals the mm's mm_lock_seq
	VmRefcnt  kernelshim.RefcountT    // 0: detached; 1: attached; more: its readers
}

// VmaLockOffset is VMA_LOCK_OFFSET, include/linux/mm_types.h: what a writer adds to vm_refcnt while it drains the readers.
const VmaLockOffset = 0x40000000

// NewMm makes an address space with one reference.
func NewMm(k *kernelshim.Kernel) *MmStruct {
	return kernelshim.New(k, "mm", func(mm *MmStruct) { mm.MmCount.Init(1) })
}

// NewVma makes a VMA that is attached to the mm.
func NewVma(k *kernelshim.Kernel, mm *MmStruct) *VmAreaStruct {
	return kernelshim.New(k, "vma", func(vma *VmAreaStruct) {
		vma.VmMm.Init(mm)
		vma.VmRefcnt.Init(1)
		vma.VmLockSeq.Init(^uint32(0))
	})
}

// Mmgrab is mmgrab, include/linux/sched/mm.h.
func Mmgrab(mm *MmStruct) { kernelshim.AtomicInc(&mm.MmCount) }

// Mmdrop is mmdrop, include/linux/sched/mm.h: the last reference frees the struct.
func Mmdrop(mm *MmStruct) {
	if kernelshim.AtomicDecAndTest(&mm.MmCount) {
		kernelshim.Kfree(mm)
	}
}

// VmaRefcountPut is vma_refcount_put, include/linux/mmap_lock.h: a reader leaves, and wakes a writer that waits for it.
func VmaRefcountPut(vma *VmAreaStruct) {
	mm := vma.VmMm.Get() // a copy in case vma is freed after we drop vm_refcnt
	if n := kernelshim.AtomicSubReturn(1, &vma.VmRefcnt); n == VmaLockOffset+1 || n == VmaLockOffset {
		kernelshim.WriteOnce(&mm.VmaWriterWait, 1) // rcuwait_wake_up
	}
}

// VmaMarkDetached is vma_mark_detached, mm/mmap_lock.c: nobody can lock the VMA any more when it returns.
func VmaMarkDetached(vma *VmAreaStruct) {
	// The count is 1 unless a reader is inside, perhaps one that fails later: then wait for it.
	if kernelshim.RefcountDecAndTest(&vma.VmRefcnt) {
		return
	}
	kernelshim.AtomicAdd(VmaLockOffset, &vma.VmRefcnt)
	kernelshim.SmpCondLoadAcquire(&vma.VmRefcnt, func(n int32) bool { return n == VmaLockOffset }) // rcuwait_wait_event
	kernelshim.AtomicSub(VmaLockOffset, &vma.VmRefcnt)
}

// VmaMarkAttached is vma_mark_attached, include/linux/mmap_lock.h: lets readers in, who then see the fields.
func VmaMarkAttached(vma *VmAreaStruct) { kernelshim.RefcountSetRelease(&vma.VmRefcnt, 1) }

// RefcountIncNotZeroLimitedAcquire is __refcount_inc_not_zero_limited_acquire, include/linux/refcount.h: a reader enters, unless the
// VMA is detached or a writer drains.
func RefcountIncNotZeroLimitedAcquire(vma *VmAreaStruct) bool {
	n := kernelshim.ReadOnce(&vma.VmRefcnt)
	return n > 0 && n < VmaLockOffset && kernelshim.CmpxchgAcquire(&vma.VmRefcnt, n, n+1) == n
}

// VmaStartWrite is __vma_start_write, mm/mmap_lock.c: drains the readers, and marks the VMA as locked until mm_lock_seq moves on.
func VmaStartWrite(vma *VmAreaStruct) {
	seq := vma.VmMm.Get().MmLockSeq.Sequence.Get()
	if vma.VmLockSeq.Get() == seq {
		return
	}
	kernelshim.AtomicAdd(VmaLockOffset, &vma.VmRefcnt)
	kernelshim.SmpCondLoadAcquire(&vma.VmRefcnt, func(n int32) bool { return n == VmaLockOffset+1 }) // rcuwait_wait_event
	kernelshim.WriteOnce(&vma.VmLockSeq, seq)
	kernelshim.AtomicSubReturn(VmaLockOffset, &vma.VmRefcnt) // refcount_sub_and_test
}

// UserfaultfdRegister is userfaultfd_register, fs/userfaultfd.c, as far as it writes to a VMA. mmap_lock is left out, but for its
// sequence count (v6.13), which ends the write lock of the VMA.
func UserfaultfdRegister(vma *VmAreaStruct) {
	mm := vma.VmMm.Get()
	kernelshim.RawWriteSeqcountBegin(&mm.MmLockSeq) // mmap_write_lock
	VmaStartWrite(vma)
	vma.VmFlags.Set(kernelshim.VmUffdMissing)
	vma.VmUffdCtx.Set(true)
	kernelshim.RawWriteSeqcountEnd(&mm.MmLockSeq) // mmap_write_unlock
}
