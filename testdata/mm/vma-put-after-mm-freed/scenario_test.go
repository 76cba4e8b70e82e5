package vmaput

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/internal/vmarefcnt"
	"github.com/mmvet/mmvet/testdata/mm/vma-put-after-mm-freed/buggy"
	"github.com/mmvet/mmvet/testdata/mm/vma-put-after-mm-freed/buggy/nocheck"
	"github.com/mmvet/mmvet/testdata/mm/vma-put-after-mm-freed/buggy/relaxed"
	"github.com/mmvet/mmvet/testdata/mm/vma-put-after-mm-freed/fixed"
)

// A port is lock_vma_under_rcu.
type port = func(*vmarefcnt.MmStruct, func() *vmarefcnt.VmAreaStruct) *vmarefcnt.VmAreaStruct

// faultAndRecycle: a thread unmaps the VMA that another one faults on; a new process gets its memory for a VMA of its own, unmaps
// that, and exits.
func faultAndRecycle(k *Kernel, lockVmaUnderRcu port) {
	k.Release("v6.17")
	recycle(k, vmarefcnt.NewMm(k), vmarefcnt.NewMm(k), lockVmaUnderRcu)
}

// fault is a page fault of mm: it locks what it finds in the tree.
func fault(mm *vmarefcnt.MmStruct, tree *Word[*vmarefcnt.VmAreaStruct], lockVmaUnderRcu port) {
	locked := lockVmaUnderRcu(mm, func() *vmarefcnt.VmAreaStruct { return RcuDereference(tree) })
	if locked != nil {
		Assert(locked.VmMm.Get() == mm, "the fault has locked a VMA of another process")
		vmarefcnt.VmaRefcountPut(locked) // vma_end_read
	}
}

// recycle is the tasks of faultAndRecycle.
func recycle(k *Kernel, mm, other *vmarefcnt.MmStruct, lockVmaUnderRcu port) {
	vma := vmarefcnt.NewVma(k, mm)
	tree := NewWord(k, "mm_mt", vma)
	k.Go("fault", func() { fault(mm, tree, lockVmaUnderRcu) })
	k.Go("recycle", func() {
		WriteOnce(tree, nil)
		vmarefcnt.VmaMarkDetached(vma)
		// vm_area_free; vm_area_alloc of the other process
		vma.VmMm.Set(other)
		vmarefcnt.VmaMarkAttached(vma)
		// munmap, exit
		vmarefcnt.VmaMarkDetached(vma)
		vmarefcnt.Mmdrop(other)
	})
}

// faultAndLazyRecycle: the same, with somebody who still has the mm of the new process when all is done: a kernel thread, lazily.
func faultAndLazyRecycle(k *Kernel, lockVmaUnderRcu port) {
	k.Release("v6.17")
	mm, other := vmarefcnt.NewMm(k), vmarefcnt.NewMm(k)
	other.MmCount.Set(2)
	recycle(k, mm, other, lockVmaUnderRcu)
	k.Finally(func() {
		Assert(other.MmCount.Get() == 1, "one has the mm of the other process, and its mm_count is %d", other.MmCount.Get())
	})
}

// faultAndMunmap: a thread unmaps the VMA that another one faults on, and its memory goes back to the page allocator, for which the
// slab waits until no RCU reader can have found it.
func faultAndMunmap(k *Kernel, lockVmaUnderRcu port) {
	k.Release("v6.17")
	mm := vmarefcnt.NewMm(k)
	vma := vmarefcnt.NewVma(k, mm)
	tree := NewWord(k, "mm_mt", vma)
	k.Go("fault", func() { fault(mm, tree, lockVmaUnderRcu) })
	k.Go("munmap", func() {
		WriteOnce(tree, nil)
		vmarefcnt.VmaMarkDetached(vma)
		KfreeRcu(vma) // vm_area_free, and the slab is empty
	})
}

// faultAndRegister: a page fault meets userfaultfd_register, as in the story vma-lock-seq, with the later shape of the lock: a
// seqcount that is odd while mmap_lock is held for writing (v6.13), and a reference count (v6.15).
func faultAndRegister(k *Kernel, lockVmaUnderRcu port) {
	mm := vmarefcnt.NewMm(k)
	vma := vmarefcnt.NewVma(k, mm)
	k.Go("fault", func() {
		if lockVmaUnderRcu(mm, func() *vmarefcnt.VmAreaStruct { return vma }) == nil {
			return
		}
		flag, ctx := vma.VmFlags.Get() != 0, vma.VmUffdCtx.Get()
		Assert(flag == ctx, "the locked VMA is half registered: flag %v, context %v", flag, ctx)
		vmarefcnt.VmaRefcountPut(vma) // vma_end_read
	})
	k.Go("uffd", func() { vmarefcnt.UserfaultfdRegister(vma) })
	k.Finally(func() {
		Assert(vma.VmRefcnt.Get() == 1, "nobody reads the VMA, and its count is %d", vma.VmRefcnt.Get())
	})
}

func TestStory(t *testing.T) {
	story.Test(t, buggy.LockVmaUnderRcu, fixed.LockVmaUnderRcu,
		story.Scenario[port]{
			Name: "fault+recycle", Setup: faultAndRecycle, Fails: explore.UseAfterFree,
			Variants: []story.Variant[port]{{Name: "no check of vm_mm", Port: nocheck.LockVmaUnderRcu, Fails: explore.Invariant}},
		},
		story.Scenario[port]{Name: "fault+lazy recycle", Setup: faultAndLazyRecycle},
		story.Scenario[port]{Name: "fault+munmap", Setup: faultAndMunmap},
		story.Scenario[port]{
			Name: "fault+register", Setup: faultAndRegister, Options: []explore.Option{explore.WithMemoryModel(explore.LKMM)},
			Variants: []story.Variant[port]{{Name: "relaxed load", Port: relaxed.LockVmaUnderRcu, Fails: explore.Invariant}},
		},
	)
}
