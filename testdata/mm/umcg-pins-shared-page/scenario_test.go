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
		if ret != 0 {
			return
		}
		used := actors.UserAccess(mm, 0, true)
		Assert(used == page, "%v is pinned, and the task works on %v", page, used)
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

func TestStory(t *testing.T) {
	atomicToo := []story.Variant[port]{{Name: "rmw", Port: atomicOp, Fails: explore.Invariant}}
	story.Test(t, load, exclusive,
		story.Scenario[port]{Name: "forked", Setup: forked, Fails: explore.Invariant, Variants: atomicToo},
		story.Scenario[port]{Name: "reclaimed", Setup: reclaimed, Fails: explore.Invariant, Variants: atomicToo},
	)
}
