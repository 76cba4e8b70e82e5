// Package vma has the locks of single VMAs as they are since v6.15, a reference count, for stories in which they are not under test.
// The memory of VMAs is not recycled here; that is the story vma-put-after-mm-freed.
//
//mm:kernel v6.17
package vma

import . "github.com/mmvet/mmvet/kernelshim"

// VmaLockOffset is VMA_LOCK_OFFSET, include/linux/mm_types.h: what a writer adds to vm_refcnt while it drains the readers.
const VmaLockOffset = 0x40000000

// LockVmaUnderRcu finds the VMA at address and read-locks it, without mmap_lock; nil if there is none, or a writer has it.
//
//mm:port lock_vma_under_rcu mm/mmap_lock.c v6.17
func LockVmaUnderRcu(mm *MmStruct, address uint64) *VmAreaStruct {
	c := Enter("lock_vma_under_rcu", mm, address)
	RcuReadLock()
	vma := mm.MmMt.Get().At(address)
	if vma != nil {
		vma = vmaStartRead(mm, vma)
	}
	RcuReadUnlock()
	return Leave(c, vma)
}

// vmaStartRead is vma_start_read, mm/mmap_lock.c.
func vmaStartRead(mm *MmStruct, vma *VmAreaStruct) *VmAreaStruct {
	if ReadOnce(&vma.VmLockSeq) == ReadOnce(&mm.MmLockSeq.Sequence) {
		return nil
	}
	n := ReadOnce(&vma.VmRefcnt)
	if n == 0 || n >= VmaLockOffset || CmpxchgAcquire(&vma.VmRefcnt, n, n+1) != n {
		return nil
	}
	if vma.VmLockSeq.Get() == RawReadSeqcount(&mm.MmLockSeq) {
		AtomicSubReturn(1, &vma.VmRefcnt) // vma_refcount_put
		return nil
	}
	return vma
}

// VmaEndRead ends the read lock. Release.
//
//mm:port vma_end_read include/linux/mmap_lock.h v6.17
func VmaEndRead(vma *VmAreaStruct) {
	c := Enter("vma_end_read", vma)
	AtomicSubReturn(1, &vma.VmRefcnt)
	c.Leave()
}

// VmaStartWrite write-locks the VMA, which drains its readers, until mmap_lock is given back or downgraded. Needs mmap for
// writing; may sleep.
//
//mm:port vma_start_write include/linux/mmap_lock.h v6.17
func VmaStartWrite(vma *VmAreaStruct) {
	c := Enter("vma_start_write", vma)
	if seq := vma.VmMm.MmLockSeq.Sequence.Get(); vma.VmLockSeq.Get() != seq {
		AtomicAdd(VmaLockOffset, &vma.VmRefcnt)
		SmpCondLoadAcquire(&vma.VmRefcnt, func(n int32) bool { return n == VmaLockOffset+1 }) // rcuwait_wait_event
		WriteOnce(&vma.VmLockSeq, seq)
		AtomicSubReturn(VmaLockOffset, &vma.VmRefcnt)
	}
	c.Leave()
}
