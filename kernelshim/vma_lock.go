package kernelshim

// A VmaLock is struct vma_lock, include/linux/mm_types.h (v6.4 to v6.14): the semaphore that carries the lock of a VMA. A writer
// holds it only while it sets vm_lock_seq, which drains the readers; see vm_area_struct.vm_lock_seq.
type VmaLock struct {
	Object
	Lock RwSemaphore
}

// A UserfaultfdCtx is struct userfaultfd_ctx, fs/userfaultfd.c, as far as a VMA points to it.
type UserfaultfdCtx struct{ Object }
