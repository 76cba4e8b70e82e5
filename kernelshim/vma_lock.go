package kernelshim

import "github.com/mmvet/mmvet/memorder"

// A VmaLock is struct vma_lock, include/linux/mm_types.h (v6.4 to v6.14): the semaphore that carries the lock of a VMA. A writer
// holds it only while it sets vm_lock_seq, which drains the readers; see vm_area_struct.vm_lock_seq.
type VmaLock struct {
	Object
	Lock RwSemaphore
}

// A UserfaultfdCtx is struct userfaultfd_ctx, fs/userfaultfd.c, as far as a VMA points to it.
type UserfaultfdCtx struct{ Object }

// vmaLockOffset is VMA_LOCK_OFFSET, include/linux/mm_types.h: what a writer adds to vm_refcnt while it drains the readers.
const vmaLockOffset = 0x40000000

// VmaStartRead is vma_start_read, include/linux/mm.h (v6.4 to v6.14; since v6.15 it has the mm as well): read-locks the VMA, or
// fails if it is write-locked. Acquire. Needs RCU, or mmap in any mode; does not sleep.
func VmaStartRead(vma *VmAreaStruct) bool {
	c := enter("vma_start_read", vma)
	return leave(c, vmaStartRead(vma))
}

func vmaStartRead(vma *VmAreaStruct) bool {
	seq := &vma.VmMm.MmLockSeq.Sequence
	if ReadOnce(&vma.VmLockSeq) == ReadOnce(seq) {
		return false
	}
	if since(6, 15) {
		if !addUnless(&vma.VmRefcnt, "refcount_inc_not_zero_limited_acquire", memorder.Acquire, 1, 0) {
			return false
		}
		if vma.VmLockSeq.Get() == SmpLoadAcquire(seq) {
			vmaRefcountPut(vma)
			return false
		}
		return true
	}
	if !DownReadTrylock(&vma.VmLock.Lock) {
		return false
	}
	if vma.VmLockSeq.Get() == SmpLoadAcquire(seq) {
		UpRead(&vma.VmLock.Lock)
		return false
	}
	return true
}

// VmaEndRead is vma_end_read, include/linux/mmap_lock.h: ends the read lock. Release.
func VmaEndRead(vma *VmAreaStruct) {
	defer enter("vma_end_read", vma).leave()
	if since(6, 15) {
		vmaRefcountPut(vma)
		return
	}
	RcuReadLock() // keeps vma alive till the end of up_read
	UpRead(&vma.VmLock.Lock)
	RcuReadUnlock()
}

// VmaStartWrite is vma_start_write, include/linux/mmap_lock.h: write-locks the VMA, which drains its readers, until mmap_lock is
// given back or downgraded. Needs mmap for writing; may sleep.
func VmaStartWrite(vma *VmAreaStruct) {
	defer enter("vma_start_write", vma).leave()
	seq := vma.VmMm.MmLockSeq.Sequence.Get()
	if vma.VmLockSeq.Get() == seq {
		return
	}
	if !since(6, 15) {
		DownWrite(&vma.VmLock.Lock)
		WriteOnce(&vma.VmLockSeq, seq)
		UpWrite(&vma.VmLock.Lock)
		return
	}
	locked := addUnless(&vma.VmRefcnt, "refcount_add_not_zero", memorder.Mb, vmaLockOffset, 0)
	if locked {
		SmpCondLoadAcquire(&vma.VmRefcnt, func(n int32) bool { return n == vmaLockOffset+1 }) // rcuwait_wait_event
	}
	WriteOnce(&vma.VmLockSeq, seq)
	if locked {
		RefcountSubAndTest(vmaLockOffset, &vma.VmRefcnt)
	}
}

// VmaEndWriteAll is vma_end_write_all, include/linux/mmap_lock.h (v6.4 to v6.12): ends the write locks of all VMAs. Release.
func VmaEndWriteAll(mm *MmStruct) {
	defer enter("vma_end_write_all", mm).leave()
	SmpStoreRelease(&mm.MmLockSeq.Sequence, mm.MmLockSeq.Sequence.Get()+1)
}

// VmaAssertWriteLocked is vma_assert_write_locked, include/linux/mmap_lock.h: the task must have write-locked the VMA. Takes no
// step.
func VmaAssertWriteLocked(vma *VmAreaStruct) { enter("vma_assert_write_locked", vma).leave() }

// vmaRefcountPut is vma_refcount_put, include/linux/mmap_lock.h.
func vmaRefcountPut(vma *VmAreaStruct) { add(&vma.VmRefcnt, "refcount_dec", memorder.Release, -1) }
