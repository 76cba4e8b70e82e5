package umcg

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/umcg-pins-shared-page/buggy"
	"github.com/mmvet/mmvet/testdata/mm/umcg-pins-shared-page/buggy/rmw"
	"github.com/mmvet/mmvet/testdata/mm/umcg-pins-shared-page/fixed"
	hint "github.com/mmvet/mmvet/testdata/mm/unmap-of-pinned-page/buggy"
	unmap "github.com/mmvet/mmvet/testdata/mm/unmap-of-pinned-page/fixed"
)

// A port is one version of the function under test, and of the kernel below it.
type port struct {
	pinAndLoad    func(mm *MmStruct, self uint64) (*Page, int)
	tryToUnmapOne func(*Folio, *VmAreaStruct, uint64, any) bool
	release       string
}

var (
	load      = port{buggy.UmcgPinAndLoad, hint.TryToUnmapOne, "v5.18"}
	atomicOp  = port{rmw.UmcgPinAndLoad, hint.TryToUnmapOne, "v5.18"}
	exclusive = port{fixed.UmcgPinAndLoad, unmap.TryToUnmapOne, "v5.19"}
)

// run is the task: it registers its struct, and works on it.
func (p port) run(mm *MmStruct) func() {
	return func() {
		page, ret := p.pinAndLoad(mm, 0)
		Assert(ret == 0, "memory of the task's own is refused")
		actors.G1(mm, 0, page)
	}
}

// forked: the process has forked, and shares the page with its child. The child writes to it.
func forked(k *Kernel, p port) {
	mm, childMm := NewMm(k), NewMm(k)
	k.Release(p.release)
	vma := MapAnon(k, mm, 0, PageSize, VmRead|VmWrite)
	page := MapNewPage(k, vma, 0, 0)
	Populate(k, Fork(k, vma, childMm), 0, page, 0)
	page.PgAnonExclusive.Set(false)
	k.Go("umcg", p.run(mm))
	k.Go("child", func() { actors.UserAccess(childMm, 0, true) })
}

// reclaimed: reclaim looks at the page meanwhile.
func reclaimed(k *Kernel, p port) {
	k.Release(p.release)
	mm := NewMm(k)
	vma := MapAnon(k, mm, 0, PageSize, VmRead|VmWrite)
	page := MapNewPage(k, vma, 0, PageRw)
	k.Go("umcg", p.run(mm))
	k.Go("reclaim", func() { actors.ShrinkPageList(page, p.tryToUnmapOne) })
}

// unmapped: another thread unmaps the struct meanwhile, so that pinning it may fail, and the load too.
func unmapped(k *Kernel, p port) {
	k.Release(p.release)
	mm := NewMm(k)
	page := MapNewPage(k, MapAnon(k, mm, 0, PageSize, VmRead|VmWrite), 0, PageRw)
	GetPage(page) // a struct page stays when its page is freed
	k.Go("umcg", func() {
		if page, ret := p.pinAndLoad(mm, 0); ret == 0 {
			UnpinUserPage(page)
		}
	})
	k.Go("munmap", func() { actors.DoMunmap(mm, 0) })
	k.Finally(func() { Assert(!PageMaybeDmaPinned(page), "%v stays pinned", page) })
}

// file: the struct is in a file, whose pages others may write to, and truncate.
func file(k *Kernel, p port) {
	k.Release(p.release)
	mm, f := NewMm(k), NewFile(k)
	page := NewPage(k, f, 0)
	Populate(k, MapFile(k, mm, f, 0, PageSize, 0, VmRead|VmWrite|VmShared), 0, page, PageRw)
	k.Go("umcg", func() {
		_, ret := p.pinAndLoad(mm, 0)
		Assert(ret == -EFAULT, "a file is no place for a struct umcg_task")
	})
	k.Finally(func() { Assert(!PageMaybeDmaPinned(page), "%v stays pinned", page) })
}

func TestStory(t *testing.T) {
	atomicToo := []story.Variant[port]{{Name: "rmw", Port: atomicOp, Fails: explore.Invariant}}
	story.Test(t, load, exclusive,
		story.Scenario[port]{Name: "forked", Setup: forked, Fails: explore.Invariant, Variants: atomicToo},
		story.Scenario[port]{Name: "reclaimed", Setup: reclaimed, Fails: explore.Invariant, Variants: atomicToo},
		story.Scenario[port]{Name: "unmapped", Setup: unmapped},
		story.Scenario[port]{Name: "file", Setup: file},
	)
}
