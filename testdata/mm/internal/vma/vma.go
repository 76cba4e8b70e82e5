// Package vma has the locks of single VMAs: of v6.4, a semaphore and a sequence number, and of v6.15, a reference count. They are
// no primitives of kernelshim, since they are under test in some stories; for the others they are here once.
//
//mm:kernel v6.5
package vma

import . "github.com/mmvet/mmvet/kernelshim"

// VmaStartRead read-locks the VMA, or fails if it is write-locked. Acquire. Needs RCU, or mmap in any mode; does not sleep.
//
//mm:port vma_start_read include/linux/mm.h v6.5
func VmaStartRead(vma *VmAreaStruct) bool {
	c := Enter("vma_start_read", vma)
	return Leave(c, vmaStartRead(vma))
}

func vmaStartRead(vma *VmAreaStruct) bool {
	seq := &vma.VmMm.MmLockSeq.Sequence
	if ReadOnce(&vma.VmLockSeq) == ReadOnce(seq) {
		return false
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

// VmaEndRead ends the read lock. Release.
//
//mm:port vma_end_read include/linux/mm.h v6.5
func VmaEndRead(vma *VmAreaStruct) {
	c := Enter("vma_end_read", vma)
	RcuReadLock() // keeps vma alive till the end of up_read
	UpRead(&vma.VmLock.Lock)
	RcuReadUnlock()
	c.Leave()
}

// VmaStartWrite write-locks the VMA, which drains its readers, until mmap_lock is given back or downgraded. Needs mmap for
// writing; may sleep.
//
//mm:port vma_start_write include/linux/mm.h v6.5
func VmaStartWrite(vma *VmAreaStruct) {
	c := Enter("vma_start_write", vma)
	if seq := vma.VmMm.MmLockSeq.Sequence.Get(); vma.VmLockSeq.Get() != seq {
		DownWrite(&vma.VmLock.Lock)
		WriteOnce(&vma.VmLockSeq, seq)
		UpWrite(&vma.VmLock.Lock)
	}
	c.Leave()
}

// VmaMarkDetached says that the VMA is in no tree any more. Needs the VMA for writing.
//
//mm:port vma_mark_detached include/linux/mm.h v6.5
func VmaMarkDetached(vma *VmAreaStruct, detached bool) {
	c := Enter("vma_mark_detached", vma, detached)
	vma.Detached.Set(detached)
	c.Leave()
}

// A MaState is struct ma_state, include/linux/maple_tree.h: a place in the tree of an mm's VMAs. It belongs to the task.
type MaState struct {
	Mm    *MmStruct
	Index uint64
}

// MasWalk finds the VMA at the state's address, or nil. Needs mmap in any mode, or RCU: then the VMA may be gone, but its memory
// is not.
//
//mm:port mas_walk lib/maple_tree.c v6.5
func MasWalk(mas *MaState) *VmAreaStruct { return mas.Mm.MmMt.Get().At(mas.Index) }
