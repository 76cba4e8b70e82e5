package vmaclose

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	exit "github.com/mmvet/mmvet/testdata/mm/exit-mmap-under-reaper/fixed"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/vma-close-takes-mmap-lock/buggy"
	"github.com/mmvet/mmvet/testdata/mm/vma-close-takes-mmap-lock/fixed"
)

// driverMapping is a process that maps a device.
func driverMapping(k *Kernel, ops *VmOperationsStruct) *TaskStruct {
	k.Release("v5.17")
	mm := NewMm(k)
	vma := MapAnon(k, mm, 0, HpagePmdSize, VmRead|VmWrite|VmShared|VmDontexpand)
	vma.VmOps = ops
	AtomicAdd(HpagePmdNr, &mm.PinnedVm)
	k.Finally(func() { Assert(AtomicRead(&mm.PinnedVm) == 0, "%d pages stay pinned", AtomicRead(&mm.PinnedVm)) })
	return NewTask(k, mm)
}

// exitMmap: the process ends.
func exitMmap(k *Kernel, ops *VmOperationsStruct) {
	task := driverMapping(k, ops)
	Mmgrab(task.Mm.Get())
	k.Go("exit", func() { actors.ExitMm(task, exit.ExitMmap) })
}

// munmapAndMunmap: two threads unmap, one of them the device.
func munmapAndMunmap(k *Kernel, ops *VmOperationsStruct) {
	mm := driverMapping(k, ops).Mm.Get()
	MapAnon(k, mm, HpagePmdSize, 2*HpagePmdSize, VmRead)
	k.Go("munmap", func() { actors.DoMunmap(mm, 0) })
	k.Go("munmap2", func() { actors.DoMunmap(mm, HpagePmdSize) })
}

func TestStory(t *testing.T) {
	story.Test(t, buggy.Ops(), fixed.Ops(),
		story.Scenario[*VmOperationsStruct]{Name: "exit", Setup: exitMmap, Fails: explore.Deadlock},
		story.Scenario[*VmOperationsStruct]{Name: "munmap", Setup: munmapAndMunmap, Fails: explore.Deadlock},
	)
}
