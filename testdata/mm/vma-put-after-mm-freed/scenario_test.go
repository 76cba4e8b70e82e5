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
	mm, other := vmarefcnt.NewMm(k), vmarefcnt.NewMm(k)
	vma := vmarefcnt.NewVma(k, mm)
	tree := NewWord(k, "mm_mt", vma)
	k.Go("fault", func() {
		locked := lockVmaUnderRcu(mm, func() *vmarefcnt.VmAreaStruct { return RcuDereference(tree) })
		if locked != nil {
			Assert(locked.VmMm.Get() == mm, "the fault has locked a VMA of another process")
			vmarefcnt.VmaRefcountPut(locked) // vma_end_read
		}
	})
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
}

func TestStory(t *testing.T) {
	story.Test(t, buggy.LockVmaUnderRcu, fixed.LockVmaUnderRcu,
		story.Scenario[port]{
			Name: "fault+recycle", Setup: faultAndRecycle, Fails: explore.UseAfterFree,
			Variants: []story.Variant[port]{{Name: "no check of vm_mm", Port: nocheck.LockVmaUnderRcu, Fails: explore.Invariant}},
		},
		story.Scenario[port]{
			Name: "fault+register", Setup: faultAndRegister, Options: []explore.Option{explore.WithMemoryModel(explore.LKMM)},
			Variants: []story.Variant[port]{{Name: "relaxed load", Port: relaxed.LockVmaUnderRcu, Fails: explore.Invariant}},
		},
	)
}
