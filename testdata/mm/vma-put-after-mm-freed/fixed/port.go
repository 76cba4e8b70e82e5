// Package fixed is the read lock of a VMA in v6.17.
//
//mm:kernel v6.17
package fixed

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/mm/internal/vmarefcnt"
)

// VmaStartRead is vma_start_read, mm/mmap_lock.c: read-locks a VMA that was found under RCU in the tree of mm. Its memory may have
// become that of another VMA meanwhile.
func VmaStartRead(mm *vmarefcnt.MmStruct, vma *vmarefcnt.VmAreaStruct) *vmarefcnt.VmAreaStruct {
	// Check before locking. A race might cause false locked result.
	if ReadOnce(&vma.VmLockSeq) == ReadOnce(&mm.MmLockSeq.Sequence) {
		return nil
	}
	if !vmarefcnt.RefcountIncNotZeroLimitedAcquire(vma) {
		return nil
	}

	// If vma got attached to another mm from under us, that mm is not stable and can be freed in the narrow window after
	// vma->vm_refcnt is dropped and before rcuwait_wake_up(mm) is called. Grab it before releasing vma->vm_refcnt.
	if otherMm := vma.VmMm.Get(); otherMm != mm {
		// __mmdrop() is a heavy operation and we don't need RCU protection here. Release RCU lock during these operations. We
		// reinstate the RCU read lock as the caller expects it to be held when this function returns even on error.
		RcuReadUnlock()
		vmarefcnt.Mmgrab(otherMm)
		vmarefcnt.VmaRefcountPut(vma)
		vmarefcnt.Mmdrop(otherMm)
		RcuReadLock()
		return nil
	}

	// Overflow of vm_lock_seq/mm_lock_seq might produce false locked result. Acquire: pairs with mm_lock_seqcount_end().
	if vma.VmLockSeq.Get() == RawReadSeqcount(&mm.MmLockSeq) {
		vmarefcnt.VmaRefcountPut(vma)
		return nil
	}
	return vma
}

// LockVmaUnderRcu is lock_vma_under_rcu, mm/mmap_lock.c.
func LockVmaUnderRcu(mm *vmarefcnt.MmStruct, masWalk func() *vmarefcnt.VmAreaStruct) *vmarefcnt.VmAreaStruct {
	RcuReadLock()
	vma := masWalk()
	if vma != nil {
		vma = VmaStartRead(mm, vma)
	}
	RcuReadUnlock()
	return vma
}
