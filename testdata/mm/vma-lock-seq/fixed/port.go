// Package fixed has the per-VMA locks of v6.5, after commit b1f02b95758d.
//
//mm:kernel v6.5
package fixed

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
	// This pairs with RELEASE semantics in vma_end_write_all().
	if vma.VmLockSeq.Get() == SmpLoadAcquire(&vma.VmMm.MmLockSeq.Sequence) {
		UpRead(&vma.VmLock.Lock)
		return false
	}
	return true
}

// VmaStartWrite is vma_start_write, include/linux/mm.h: write-locks the VMA until vma_end_write_all.
func VmaStartWrite(vma *VmAreaStruct) {
	mmLockSeq := vma.VmMm.MmLockSeq.Sequence.Get()
	if vma.VmLockSeq.Get() == mmLockSeq {
		return
	}
	DownWrite(&vma.VmLock.Lock)
	// We should use WRITE_ONCE() here because we can have concurrent reads from the early lockless pessimistic check in
	// vma_start_read(). We don't really care about the correctness of that early check, but we should use WRITE_ONCE()
	// for cleanliness and to keep KCSAN happy.
	WriteOnce(&vma.VmLockSeq, mmLockSeq)
	UpWrite(&vma.VmLock.Lock)
}

// VmaEndWriteAll is vma_end_write_all, include/linux/mmap_lock.h.
func VmaEndWriteAll(mm *MmStruct) {
	// Nobody can concurrently modify mm->mm_lock_seq due to exclusive mmap_lock being held. We need RELEASE semantics here
	// to ensure that preceding stores into the VMA take effect before we unlock it with this store.
	SmpStoreRelease(&mm.MmLockSeq.Sequence, mm.MmLockSeq.Sequence.Get()+1)
}
