// Package buggy has the per-VMA locks of v6.4, before commit b1f02b95758d.
//
//mm:kernel v6.4
package buggy

import . "github.com/mmvet/mmvet/kernelshim"

// VmaStartRead is vma_start_read, include/linux/mm.h: tries to read-lock the VMA.
func VmaStartRead(vma *VmAreaStruct) bool {
	// Check before locking. A race might cause false locked result.
	if vma.VmLockSeq.Get() == ReadOnce(&vma.VmMm.MmLockSeq.Sequence) { // want "markedaccess: VmAreaStruct.VmLockSeq is loaded plainly"
		return false
	}
	if !DownReadTrylock(&vma.VmLock.Lock) {
		return false
	}
	// Overflow might produce false locked result. False unlocked result is impossible because we modify and check
	// vma->vm_lock_seq under vma->vm_lock protection and mm->mm_lock_seq modification invalidates all existing locks.
	if vma.VmLockSeq.Get() == ReadOnce(&vma.VmMm.MmLockSeq.Sequence) { // want "pairing: READ_ONCE of MmStruct.MmLockSeq does not order what is read after it; protocol mm_lock_seq"
		UpRead(&vma.VmLock.Lock)
		return false
	}
	return true
}

// VmaStartWrite is vma_start_write, include/linux/mm.h: write-locks the VMA until vma_end_write_all.
func VmaStartWrite(vma *VmAreaStruct) {
	mmLockSeq := ReadOnce(&vma.VmMm.MmLockSeq.Sequence)
	if vma.VmLockSeq.Get() == mmLockSeq {
		return
	}
	DownWrite(&vma.VmLock.Lock)
	vma.VmLockSeq.Set(mmLockSeq) // want "markedaccess: VmAreaStruct.VmLockSeq is stored plainly"
	UpWrite(&vma.VmLock.Lock)
}

// VmaEndWriteAll is vma_end_write_all, include/linux/mmap_lock.h.
func VmaEndWriteAll(mm *MmStruct) {
	// No races during update due to exclusive mmap_lock being held
	WriteOnce(&mm.MmLockSeq.Sequence, mm.MmLockSeq.Sequence.Get()+1) // want "pairing: WRITE_ONCE of MmStruct.MmLockSeq does not order what was stored before it; protocol mm_lock_seq"
}
