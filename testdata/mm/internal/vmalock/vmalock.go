// Package vmalock has the per-VMA locks of v6.4, as far as commit b1f02b95758d does not touch them: vma_end_read, and the two
// sides that a page fault and userfaultfd_register are. mm_lock_seq, an int until v6.13, is the Sequence of the shim's seqcount.
//
//mm:kernel v6.4
package vmalock

import . "github.com/mmvet/mmvet/kernelshim"

// NewVma makes a VMA that nobody has locked, in an mm of its own.
func NewVma(k *Kernel) *VmAreaStruct {
	k.Release("v6.4")
	mm := New[MmStruct](k, "mm")
	lock := New[VmaLock](k, "vma_lock")
	return New(k, "vma", func(vma *VmAreaStruct) {
		vma.VmMm, vma.VmLock = mm, lock
		vma.VmLockSeq.Init(^uint32(0)) // -1: vma_init, include/linux/mm.h
	})
}

// VmaEndRead is vma_end_read, include/linux/mm.h.
func VmaEndRead(vma *VmAreaStruct) {
	RcuReadLock()
	UpRead(&vma.VmLock.Lock)
	RcuReadUnlock()
}

// UserfaultfdRegister is userfaultfd_register, fs/userfaultfd.c, for one VMA that it need not split: it writes two fields
// under mmap_lock, having write-locked the VMA. mmap_write_unlock begins with vma_end_write_all.
func UserfaultfdRegister(vma *VmAreaStruct, ctx *UserfaultfdCtx, startWrite func(*VmAreaStruct), endWriteAll func(*MmStruct)) {
	mm := vma.VmMm
	DownWrite(&mm.MmapLock)
	startWrite(vma)
	vma.VmFlags.Set(vma.VmFlags.Get() | VmUffdMissing)
	vma.VmUserfaultfdCtx.Set(ctx)
	endWriteAll(mm)
	UpWrite(&mm.MmapLock)
}

// HandleMmFault is a page fault that finds its VMA without mmap_lock: lock_vma_under_rcu, mm/memory.c, and what
// handle_userfault, fs/userfaultfd.c, takes for granted, that a registered VMA has a context and no other one has. Where the
// VMA cannot be locked, the fault is handled under mmap_lock instead.
func HandleMmFault(vma *VmAreaStruct, startRead func(*VmAreaStruct) bool) {
	RcuReadLock()
	locked := startRead(vma)
	RcuReadUnlock()
	if !locked {
		return
	}
	registered := vma.VmFlags.Get()&VmUffdMissing != 0
	ctx := vma.VmUserfaultfdCtx.Get()
	Assert(registered == (ctx != nil), "the locked VMA is half registered: flag %v, context %v", registered, ctx)
	VmaEndRead(vma)
}
