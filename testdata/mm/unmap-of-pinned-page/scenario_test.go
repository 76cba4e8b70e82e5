package unmappinned

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	fork "github.com/mmvet/mmvet/testdata/mm/fork-shares-pinned-page/fixed"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/unmap-of-pinned-page/buggy"
	"github.com/mmvet/mmvet/testdata/mm/unmap-of-pinned-page/buggy/clearsfirst"
	"github.com/mmvet/mmvet/testdata/mm/unmap-of-pinned-page/fixed"
)

// A port is one version of the function under test, in its kernel.
type port struct {
	release       string
	tryToUnmapOne func(*Folio, *VmAreaStruct, uint64, any) bool
}

// newVma maps a page that only this PTE refers to.
func (p port) newVma(k *Kernel) (*VmAreaStruct, *Page) {
	k.Release(p.release)
	vma := MapAnon(k, NewMm(k), 0, PageSize, VmRead|VmWrite)
	return vma, MapNewPage(k, vma, 0, PageRw)
}

// reclaim swaps the page out.
func (p port) reclaim(page *Page) func() {
	return func() { actors.ShrinkPageList(page, p.tryToUnmapOne) }
}

// pin pins the page for a device to write to, by GUP-fast. Its slow path would fault the page in first.
func pin(mm *MmStruct) *Page {
	var pages actors.Pages
	SetBit(MmfHasPinned, &mm.Flags)
	if fork.LocklessPagesFromMm(mm, 0, FollWrite|FollPin, &pages) == 0 {
		return nil
	}
	return pages.Page
}

// reclaimAndPin: a thread pins the page, reads and writes it.
func reclaimAndPin(k *Kernel, p port) {
	vma, page := p.newVma(k)
	k.Go("reclaim", p.reclaim(page))
	k.Go("pin", func() {
		if pinned := pin(vma.VmMm); pinned != nil {
			actors.UserAccess(vma.VmMm, 0, false)
			actors.G1(vma.VmMm, 0, pinned)
		}
	})
	k.Finally(func() {
		if Since(5, 19) {
			actors.G2(vma.VmMm, 0)
		}
	})
}

// reclaimPinAndFork: a thread pins the page, forks, and writes it.
func reclaimPinAndFork(k *Kernel, p port) {
	vma, page := p.newVma(k)
	childMm := NewMm(k)
	TableAt(k, childMm, 0)
	child := Fork(k, vma, childMm)
	k.Go("reclaim", p.reclaim(page))
	k.Go("pin", func() {
		if pinned := pin(vma.VmMm); pinned != nil {
			actors.DupMmap(child, vma, fork.CopyPageRange)
			actors.G1(vma.VmMm, 0, pinned)
		}
	})
}

// reclaimAndFork: without a pin the child gets the same page, until one of the two writes.
func reclaimAndFork(k *Kernel, p port) {
	vma, page := p.newVma(k)
	childMm := NewMm(k)
	TableAt(k, childMm, 0)
	child := Fork(k, vma, childMm)
	k.Go("reclaim", p.reclaim(page))
	k.Go("fork", func() { actors.DupMmap(child, vma, fork.CopyPageRange) })
	k.Finally(func() {
		ours, theirs := actors.UserAccess(vma.VmMm, 0, true), actors.UserAccess(childMm, 0, true)
		Assert(ours != theirs, "parent and child both write to %v", ours)
	})
}

// reclaimAndWrite: without a pin and a fork the page comes back, and is not copied.
func reclaimAndWrite(k *Kernel, p port) {
	vma, page := p.newVma(k)
	k.Go("reclaim", p.reclaim(page))
	k.Go("write", func() {
		written := actors.UserAccess(vma.VmMm, 0, true)
		Assert(written == page || !Since(5, 19), "the program writes to %v", written)
	})
	k.Finally(func() { actors.Accounted(page, 1, vma.VmMm) }) // the other reference is the swap cache's
}

// reclaimAndGuest: a guest has the page mapped by way of the program's address.
func reclaimAndGuest(k *Kernel, p port) {
	vma, page := p.newVma(k)
	kvm := actors.NewKvm(k, vma.VmMm, 0)
	kvm.Spte.Set(page)
	k.Go("reclaim", p.reclaim(page))
	k.Go("guest", func() { actors.DirectPageFault(kvm) })
	k.Finally(func() {
		mapped := PtePage(PteOf(MmFindPmd(vma.VmMm, 0).Get(), 0).Get())
		Assert(kvm.Spte.Get() == nil || kvm.Spte.Get() == mapped, "the guest maps %v, the host %v", kvm.Spte.Get(), mapped)
	})
}

func TestStory(t *testing.T) {
	const kind = explore.Invariant
	clearsFirst := []story.Variant[port]{{Name: "clears first", Port: port{"v5.19", clearsfirst.TryToUnmapOne}, Fails: kind}}
	story.Test(t, port{"v5.18", buggy.TryToUnmapOne}, port{"v5.19", fixed.TryToUnmapOne},
		story.Scenario[port]{Name: "reclaim+pin", Setup: reclaimAndPin, Fails: kind, Variants: clearsFirst},
		story.Scenario[port]{Name: "reclaim+pin+fork", Setup: reclaimPinAndFork, Fails: kind},
		story.Scenario[port]{Name: "reclaim+fork", Setup: reclaimAndFork},
		story.Scenario[port]{Name: "reclaim+write", Setup: reclaimAndWrite},
		story.Scenario[port]{Name: "reclaim+guest", Setup: reclaimAndGuest},
	)
}
