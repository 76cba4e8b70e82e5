package anonvmacheck

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/anon-vma-checked-before-vma-lock/buggy"
	"github.com/mmvet/mmvet/testdata/mm/anon-vma-checked-before-vma-lock/fixed"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
)

// A port is lock_vma_under_rcu.
type port = func(*MmStruct, uint64) *VmAreaStruct

// newVma is a VMA with an anon_vma, and a neighbour without one.
func newVma(k *Kernel) (vma, next *VmAreaStruct) {
	k.Release("v6.5")
	mm := NewMm(k)
	vma = MapAnon(k, mm, 0, PageSize, VmRead|VmWrite)
	next = MapAnon(k, mm, PageSize, 2*PageSize, VmRead|VmWrite)
	LockableVma(k, vma)
	LockableVma(k, next)
	PrepareAnon(k, vma)
	return vma, next
}

// faultAndMremap: a thread moves the pages of the VMA away, and unmaps the neighbour.
func faultAndMremap(k *Kernel, lockVmaUnderRcu port) {
	vma, next := newVma(k)
	k.Go("fault", func() { actors.FaultUnderVmaLock(vma.VmMm, 0, lockVmaUnderRcu) })
	k.Go("mremap", func() {
		actors.MremapDontunmap(vma)
		actors.MunmapVma(next)
	})
}

// faultAndMunmap: a thread unmaps the VMA that another one faults on.
func faultAndMunmap(k *Kernel, lockVmaUnderRcu port) {
	vma, _ := newVma(k)
	k.Go("fault", func() { actors.FaultUnderVmaLock(vma.VmMm, 0, lockVmaUnderRcu) })
	k.Go("munmap", func() { actors.MunmapVma(vma) })
}

// faultAndShrink: a thread unmaps the second page of the VMA, on which another one faults.
func faultAndShrink(k *Kernel, lockVmaUnderRcu port) {
	k.Release("v6.5")
	vma := MapAnon(k, NewMm(k), 0, 2*PageSize, VmRead|VmWrite)
	LockableVma(k, vma)
	PrepareAnon(k, vma)
	k.Go("fault", func() { actors.FaultUnderVmaLock(vma.VmMm, PageSize, lockVmaUnderRcu) })
	k.Go("munmap", func() { actors.MunmapTail(vma, PageSize) })
}

// faultOnFile: a fault on a private mapping of a file, which has an anon_vma.
func faultOnFile(k *Kernel, lockVmaUnderRcu port) {
	k.Release("v6.5")
	vma := MapFile(k, NewMm(k), NewFile(k), 0, PageSize, 0, VmRead|VmWrite)
	LockableVma(k, vma)
	PrepareAnon(k, vma)
	k.Go("fault", func() { actors.FaultUnderVmaLock(vma.VmMm, 0, lockVmaUnderRcu) })
}

func TestStory(t *testing.T) {
	story.Test(t, buggy.LockVmaUnderRcu, fixed.LockVmaUnderRcu,
		story.Scenario[port]{Name: "fault+mremap", Setup: faultAndMremap, Fails: explore.UseAfterFree},
		story.Scenario[port]{Name: "fault+munmap", Setup: faultAndMunmap},
		story.Scenario[port]{Name: "fault+shrink", Setup: faultAndShrink},
		story.Scenario[port]{Name: "fault on file", Setup: faultOnFile},
	)
}
