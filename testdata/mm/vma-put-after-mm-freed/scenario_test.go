package vmaput

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/internal/vmarefcnt"
	"github.com/mmvet/mmvet/testdata/mm/vma-put-after-mm-freed/buggy"
	"github.com/mmvet/mmvet/testdata/mm/vma-put-after-mm-freed/buggy/nocheck"
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

func TestStory(t *testing.T) {
	story.Test(t, buggy.LockVmaUnderRcu, fixed.LockVmaUnderRcu,
		story.Scenario[port]{
			Name: "fault+recycle", Setup: faultAndRecycle, Fails: explore.UseAfterFree,
			Variants: []story.Variant[port]{{Name: "no check of vm_mm", Port: nocheck.LockVmaUnderRcu, Fails: explore.Invariant}},
		},
	)
}
