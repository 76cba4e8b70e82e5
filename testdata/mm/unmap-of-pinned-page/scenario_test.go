package unmappinned

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/unmap-of-pinned-page/buggy"
	"github.com/mmvet/mmvet/testdata/mm/unmap-of-pinned-page/fixed"
)

// A port is one version of the functions under test.
type port struct {
	tryToUnmapOne func(*Folio, *VmAreaStruct, uint64, any) bool
	exclusive     bool // page faults know PG_anon_exclusive
}

// newVma maps a page that only this PTE refers to.
func newVma(k *Kernel) (*MmStruct, *Page) {
	k.Release("v5.19")
	mm := NewMm(k)
	return mm, MapNewPage(k, MapAnon(k, mm, 0, PageSize, VmRead|VmWrite), 0, PageRw)
}

// pin pins the page for a device to write to, by GUP-fast.
func pin(mm *MmStruct) *Page {
	LocalIrqSave()
	defer LocalIrqRestore()
	return actors.GupPgdRange(mm, 0, FollWrite|FollPin)
}

// reclaimAndPin: reclaim swaps the page out; a thread pins it, reads and writes it.
func reclaimAndPin(k *Kernel, p port) {
	mm, page := newVma(k)
	k.Go("reclaim", func() { actors.ShrinkPageList(page, p.tryToUnmapOne) })
	k.Go("pin", func() {
		pinned := pin(mm)
		if pinned == nil {
			return // the slow path faults the page in first
		}
		actors.UserAccess(mm, 0, false, p.exclusive)
		written := actors.UserAccess(mm, 0, true, p.exclusive)
		Assert(written == pinned, "the device writes to %v, the program to %v", pinned, written)
	})
}

// reclaim: without a pin the page comes back, and is not copied if nobody else has it.
func reclaim(k *Kernel, p port) {
	mm, page := newVma(k)
	k.Go("reclaim", func() { actors.ShrinkPageList(page, p.tryToUnmapOne) })
	k.Go("write", func() {
		written := actors.UserAccess(mm, 0, true, p.exclusive)
		Assert(!p.exclusive || written == page, "the program writes to %v", written)
	})
}

func TestStory(t *testing.T) {
	story.Test(t, port{buggy.TryToUnmapOne, false}, port{fixed.TryToUnmapOne, true},
		story.Scenario[port]{Name: "reclaim+pin", Setup: reclaimAndPin, Fails: explore.Invariant},
		story.Scenario[port]{Name: "reclaim+write", Setup: reclaim},
	)
}
