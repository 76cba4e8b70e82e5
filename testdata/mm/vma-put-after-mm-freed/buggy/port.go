// Package buggy is the read lock of a VMA in v6.16.
//
//mm:kernel v6.16
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/mm/internal/vmarefcnt"
)

// VmaStartRead is vma_start_read, include/linux/mmap_lock.h: read-locks a VMA that was found under RCU in the tree of mm. Its memory may have
// become that of another VMA meanwhile.
func VmaStartRead(mm *vmarefcnt.MmStruct, vma *vmarefcnt.VmAreaStruct) *vmarefcnt.VmAreaStruct {
	// Check before locking. A race might cause false locked result.
	if ReadOnce(&vma.VmLockSeq) == ReadOnce(&mm.MmLockSeq.Sequence) {
		return nil
	}
	if !vmarefcnt.RefcountIncNotZeroLimitedAcquire(vma) {
		return nil
	}

	// Overflow of vm_lock_seq/mm_lock_seq might produce false locked result. Acquire: pairs with mm_lock_seqcount_end().
	if vma.VmLockSeq.Get() == RawReadSeqcount(&mm.MmLockSeq) {
		vmarefcnt.VmaRefcountPut(vma)
		return nil
	}
	return vma
}

// LockVmaUnderRcu is lock_vma_under_rcu, mm/memory.c.
func LockVmaUnderRcu(mm *vmarefcnt.MmStruct, masWalk func() *vmarefcnt.VmAreaStruct) *vmarefcnt.VmAreaStruct {
	RcuReadLock()
	vma := masWalk()
	if vma != nil {
		vma = VmaStartRead(mm, vma)
	}
	// Check if the vma we locked is the right one.
	if vma != nil && vma.VmMm.Get() != mm {
		vmarefcnt.VmaRefcountPut(vma) // vma_end_read
		vma = nil
	}
	RcuReadUnlock()
	return vma
}
