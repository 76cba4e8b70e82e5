package stackrot

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	"github.com/mmvet/mmvet/testdata/mm/internal/stack"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/stack-grows-under-read-lock/buggy"
	"github.com/mmvet/mmvet/testdata/mm/stack-grows-under-read-lock/buggy/norefind"
	"github.com/mmvet/mmvet/testdata/mm/stack-grows-under-read-lock/fixed"
)

// A port is lock_mm_and_find_vma, or what was there before.
type port = func(p *stack.Process, addr uint64) *VmAreaStruct

// fault is a page fault at addr.
func fault(p *stack.Process, addr uint64, lockMmAndFindVma port) {
	vma := lockMmAndFindVma(p, addr)
	if vma == nil {
		return
	}
	Assert(vma.VmStart.Get() <= addr && addr < vma.VmEnd.Get(), "the VMA does not cover the fault")
	MmapReadUnlock(p.Mm)
}

// growAndFind: one thread makes the stack grow; another one looks a VMA up.
func growAndFind(k *Kernel, port port) {
	k.Release("v6.3")
	p, vma := stack.NewProcess(k)
	k.Go("grow", func() { fault(p, 0, port) })
	k.Go("find", func() {
		MmapReadLock(p.Mm)
		stack.MasFind(p, PageSize)
		MmapReadUnlock(p.Mm)
	})
	k.Finally(func() {
		Assert(vma.VmStart.Get() == 0 && vma.VmPgoff.Get() == 0, "the stack begins at %#x", vma.VmStart.Get())
		Assert(!RwsemIsLocked(&p.Mm.MmapLock), "mmap_lock is still held")
	})
}

// growAndGrow: both threads make it grow, and it grows once.
func growAndGrow(k *Kernel, port port) {
	k.Release("v6.3")
	p, vma := stack.NewProcess(k)
	k.Go("grow", func() { fault(p, 0, port) })
	k.Go("grow2", func() { fault(p, 0, port) })
	k.Finally(func() { Assert(vma.VmPgoff.Get() == 0, "the stack has grown twice") })
}

// growAndMunmap: the stack is unmapped meanwhile.
func growAndMunmap(k *Kernel, port port) {
	k.Release("v6.3")
	p, _ := stack.NewProcess(k)
	k.Go("grow", func() { fault(p, 0, port) })
	k.Go("munmap", func() { stack.Munmap(p) })
}

// growAndReclaim: reclaim finds a page of the stack by where the VMA begins, in memory and in the reverse map: the two change together.
func growAndReclaim(k *Kernel, port port) {
	k.Release("v6.3")
	p, vma := stack.NewProcess(k)
	page := MapNewPage(k, vma, PageSize, PageRw|PageAccessed)
	k.Go("grow", func() { fault(p, 0, port) })
	k.Go("reclaim", func() { Assert(actors.ShrinkFolio(page.Folio) == 1, "the page is mapped, and reclaim does not see it") })
}

// growAndMmap: a VMA that may not grow, and begins at start, takes the place of the stack meanwhile. A fault at 0 finds it if it is there.
func growAndMmap(start uint64) func(*Kernel, port) {
	return func(k *Kernel, port port) {
		k.Release("v6.3")
		p, _ := stack.NewProcess(k)
		k.Go("grow", func() {
			vma := port(p, 0)
			Assert(vma != nil || start > 0, "there is a VMA all the time, and the fault does not find it")
			if vma != nil {
				MmapReadUnlock(p.Mm)
			}
		})
		k.Go("mmap", func() { stack.MmapFixed(p, start) })
		k.Finally(func() {
			Assert(p.Root.Get().Slot.Get().VmStart.Get() == start, "a VMA has grown that may not")
		})
	}
}

// faultInside: a fault where there is memory makes nothing grow, and is no failure, be it in a stack or not.
func faultInside(k *Kernel, port port) {
	k.Release("v6.3")
	p, vma := stack.NewProcess(k)
	vma.VmFlags.Set(vma.VmFlags.Get() &^ VmGrowsdown)
	k.Go("fault", func() {
		Assert(port(p, PageSize) == vma, "the fault does not find the VMA")
		MmapReadUnlock(p.Mm)
	})
}

func TestStory(t *testing.T) {
	story.Test(t, buggy.LockMmAndFindVma, fixed.LockMmAndFindVma,
		story.Scenario[port]{Name: "grow+find", Setup: growAndFind, Fails: explore.UseAfterFree},
		story.Scenario[port]{Name: "grow+grow", Setup: growAndGrow, Fails: explore.UseAfterFree},
		story.Scenario[port]{Name: "grow+munmap", Setup: growAndMunmap,
			Variants: []story.Variant[port]{{Name: "no second lookup", Port: norefind.LockMmAndFindVma, Fails: explore.UseAfterFree}}},
		story.Scenario[port]{Name: "grow+reclaim", Setup: growAndReclaim},
		story.Scenario[port]{Name: "grow+mmap", Setup: growAndMmap(PageSize)},
		story.Scenario[port]{Name: "grow+mmap further down", Setup: growAndMmap(0)},
		story.Scenario[port]{Name: "fault inside", Setup: faultInside},
	)
}
