// Package vmalock has the per-VMA locks of v6.4, as far as commit b1f02b95758d does not touch them: the fields of mm_struct
// and vm_area_struct that they are made of, vma_end_read, and the two sides that a page fault and userfaultfd_register are.
package vmalock

import "github.com/mmvet/mmvet/kernelshim"

// An MmStruct is mm_struct, include/linux/mm_types.h (v6.4), where mm_lock_seq is an int.
type MmStruct struct {
	kernelshim.Object
	MmapLock  kernelshim.RwSemaphore
	MmLockSeq kernelshim.Word[int] // counts the write sections of mmap_lock; written with mmap_lock held for writing
}

// A VmaLock is struct vma_lock, include/linux/mm_types.h (v6.4).
type VmaLock struct {
	kernelshim.Object
	Lock kernelshim.RwSemaphore
}

// A UserfaultfdCtx is struct userfaultfd_ctx, fs/userfaultfd.c.
type UserfaultfdCtx struct{ kernelshim.Object }

// A VmAreaStruct is vm_area_struct, include/linux/mm_types.h (v6.4). vm_mm and vm_lock never change.
type VmAreaStruct struct {
	kernelshim.Object
	VmMm             *MmStruct
	VmLock           *VmaLock
	VmLockSeq        kernelshim.Word[int] // the VMA is write-locked while it equals mm_lock_seq
	VmFlags          kernelshim.Word[uint64]
	VmUserfaultfdCtx kernelshim.Word[*UserfaultfdCtx]
}

// VmUffdMissing is VM_UFFD_MISSING, include/linux/mm.h.
const VmUffdMissing = 0x200

// NewVma makes a VMA that nobody has locked, in an mm of its own.
func NewVma(k *kernelshim.Kernel) *VmAreaStruct {
	mm := kernelshim.New[MmStruct](k, "mm")
	lock := kernelshim.New[VmaLock](k, "vma_lock")
	return kernelshim.New(k, "vma", func(vma *VmAreaStruct) {
		vma.VmMm, vma.VmLock = mm, lock
		vma.VmLockSeq.Init(-1) // vma_init, include/linux/mm.h
	})
}

// VmaEndRead is vma_end_read, include/linux/mm.h.
func VmaEndRead(vma *VmAreaStruct) {
	kernelshim.RcuReadLock()
	kernelshim.UpRead(&vma.VmLock.Lock)
	kernelshim.RcuReadUnlock()
}

// UserfaultfdRegister is userfaultfd_register, fs/userfaultfd.c, for one VMA that it need not split: it writes two fields
// under mmap_lock, having write-locked the VMA. mmap_write_unlock begins with vma_end_write_all.
func UserfaultfdRegister(vma *VmAreaStruct, ctx *UserfaultfdCtx, startWrite func(*VmAreaStruct), endWriteAll func(*MmStruct)) {
	mm := vma.VmMm
	kernelshim.DownWrite(&mm.MmapLock)
	startWrite(vma)
	vma.VmFlags.Set(vma.VmFlags.Get() | VmUffdMissing)
	vma.VmUserfaultfdCtx.Set(ctx)
	endWriteAll(mm)
	kernelshim.UpWrite(&mm.MmapLock)
}

// HandleMmFault is a page fault that finds its VMA without mmap_lock: lock_vma_under_rcu, mm/memory.c, and what
// handle_userfault, fs/userfaultfd.c, takes for granted, that a registered VMA has a context and no other one has. Where the
// VMA cannot be locked, the fault is handled under mmap_lock instead.
func HandleMmFault(vma *VmAreaStruct, startRead func(*VmAreaStruct) bool) {
	kernelshim.RcuReadLock()
	locked := startRead(vma)
	kernelshim.RcuReadUnlock()
	if !locked {
		return
	}
	registered := vma.VmFlags.Get()&VmUffdMissing != 0
	ctx := vma.VmUserfaultfdCtx.Get()
	kernelshim.Assert(registered == (ctx != nil), "the locked VMA is half registered: flag %v, context %v", registered, ctx)
	VmaEndRead(vma)
}
