// Package relaxedend has the per-VMA locks of v6.13 with a store at the end of the write section that orders nothing.
//
//mm:kernel v6.13
package relaxedend

import . "github.com/mmvet/mmvet/kernelshim"

// VmaStartRead is vma_start_read, include/linux/mm.h: tries to read-lock the VMA.
func VmaStartRead(vma *VmAreaStruct) bool {
	// Check before locking. A race might cause false locked result. We can use READ_ONCE() for the mm_lock_seq here, and
	// don't need ACQUIRE semantics, because this is just a lockless check whose result we don't rely on for anything.
	if ReadOnce(&vma.VmLockSeq) == ReadOnce(&vma.VmMm.MmLockSeq.Sequence) {
		return false
	}
	if !DownReadTrylock(&vma.VmLock.Lock) {
		return false
	}
	// This pairs with RELEASE semantics in mm_lock_seqcount_end().
	if vma.VmLockSeq.Get() == RawReadSeqcount(&vma.VmMm.MmLockSeq) {
		UpRead(&vma.VmLock.Lock)
		return false
	}
	return true
}

// VmaStartWrite is vma_start_write, include/linux/mm.h: write-locks the VMA until the mmap write section ends.
func VmaStartWrite(vma *VmAreaStruct) {
	mmLockSeq := vma.VmMm.MmLockSeq.Sequence.Get()
	if vma.VmLockSeq.Get() == mmLockSeq {
		return
	}
	DownWrite(&vma.VmLock.Lock)
	WriteOnce(&vma.VmLockSeq, mmLockSeq)
	UpWrite(&vma.VmLock.Lock)
}

// MmLockSeqcountBegin is mm_lock_seqcount_begin, include/linux/mmap_lock.h: the count is odd from here.
func MmLockSeqcountBegin(mm *MmStruct) { RawWriteSeqcountBegin(&mm.MmLockSeq) }

// MmLockSeqcountEnd is mm_lock_seqcount_end, include/linux/mmap_lock.h: the count is even, and no VMA write-locked.
func MmLockSeqcountEnd(mm *MmStruct) {
	WriteOnce(&mm.MmLockSeq.Sequence, mm.MmLockSeq.Sequence.Get()+1) // want "pairing: WRITE_ONCE of MmStruct.MmLockSeq does not order what was stored before it; protocol mm_lock_seq"
}
