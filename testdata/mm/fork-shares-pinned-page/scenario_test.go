package forkpinned

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/fork-shares-pinned-page/buggy"
	"github.com/mmvet/mmvet/testdata/mm/fork-shares-pinned-page/buggy/noodd"
	"github.com/mmvet/mmvet/testdata/mm/fork-shares-pinned-page/buggy/noretry"
	"github.com/mmvet/mmvet/testdata/mm/fork-shares-pinned-page/fixed"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
)

// A port is one version of the functions under test.
type port struct {
	copyPageRange func(dstVma, srcVma *VmAreaStruct) int
	gupFast       func(mm *MmStruct, start uint64, gupFlags uint, pages *actors.Pages) int
}

// forkAndPin: one thread forks, and another one pins a page for a device to write to, and then writes to it itself.
func forkAndPin(k *Kernel, p port) {
	k.Release("v5.11")
	mm, childMm := NewMm(k), NewMm(k)
	vma := MapAnon(k, mm, 0, PageSize, VmRead|VmWrite)
	page := MapNewPage(k, vma, 0, PageRw)
	TableAt(k, childMm, 0)
	child := Fork(k, vma, childMm)
	started := NewWord(k, "started", false)
	Subscribe(k, mm, MmuNotifierOps{InvalidateRangeStart: func(*MmuNotifier, *MmuNotifierRange) int {
		started.Set(true)
		return 0
	}})
	k.Go("fork", func() { actors.DupMmap(child, vma, p.copyPageRange) })
	k.Go("pin", func() {
		SetBit(MmfHasPinned, &mm.Flags) // internal_get_user_pages_fast
		var pages actors.Pages
		if p.gupFast(mm, 0, FollWrite|FollPin, &pages) == 0 {
			return // the slow path takes mmap_lock
		}
		actors.G3(&pages)
		actors.G1(mm, 0, pages.Page)
		UnpinUserPage(pages.Page)
	})
	k.Finally(func() {
		Assert(!PteNone(PteOf(MmFindPmd(childMm, 0).Get(), 0).Get()), "the child has no page")
		Assert(started.Get(), "a secondary MMU goes on to write to what is protected")
		Assert(!PageMaybeDmaPinned(page), "%v stays pinned", page)
	})
}

// munmapAndPin: the page tables that GUP-fast walks are taken away meanwhile (G4: it never touches one that is freed).
func munmapAndPin(k *Kernel, p port) {
	k.Release("v5.11")
	mm := NewMm(k)
	GetPage(MapNewPage(k, MapAnon(k, mm, 0, PageSize, VmRead|VmWrite), 0, PageRw)) // a struct page stays when its page is freed
	k.Go("munmap", func() { actors.DoMunmap(mm, 0) })
	k.Go("pin", func() {
		var pages actors.Pages
		if p.gupFast(mm, 0, FollWrite|FollPin, &pages) > 0 {
			UnpinUserPage(pages.Page)
		}
	})
}

func TestStory(t *testing.T) {
	story.Test(t, port{buggy.CopyPageRange, buggy.LocklessPagesFromMm}, port{fixed.CopyPageRange, fixed.LocklessPagesFromMm},
		story.Scenario[port]{
			Name: "fork+pin", Setup: forkAndPin, Fails: explore.Invariant,
			Variants: []story.Variant[port]{
				{Name: "no retry", Port: port{noretry.CopyPageRange, noretry.LocklessPagesFromMm}, Fails: explore.Invariant},
				{Name: "no look at odd", Port: port{noodd.CopyPageRange, noodd.LocklessPagesFromMm}, Fails: explore.Invariant},
				{Name: "no write section", Port: port{buggy.CopyPageRange, fixed.LocklessPagesFromMm}, Fails: explore.Invariant},
			},
		},
		story.Scenario[port]{Name: "munmap+pin", Setup: munmapAndPin},
	)
}
