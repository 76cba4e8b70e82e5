package migratepinned

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	fork "github.com/mmvet/mmvet/testdata/mm/fork-shares-pinned-page/fixed"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/migration-of-pinned-page/buggy"
	"github.com/mmvet/mmvet/testdata/mm/migration-of-pinned-page/buggy/hint"
	"github.com/mmvet/mmvet/testdata/mm/migration-of-pinned-page/fixed"
)

// A port is one version of the function under test, in its kernel.
type port struct {
	release      string
	unmapAndMove func(page, newpage *Page) int
}

// newVma maps a page that only this PTE refers to, and migration, which will move it to dst.
func (p port) newVma(k *Kernel) (vma *VmAreaStruct, src, dst *Page) {
	k.Release(p.release)
	vma = MapAnon(k, NewMm(k), 0, PageSize, VmRead|VmWrite|VmMaywrite)
	src, dst = MapNewPage(k, vma, 0, PageRw), NewPage(k, nil, 0)
	GetPage(src)
	return vma, src, dst
}

func (p port) migrate(src, dst *Page) func() { return func() { p.unmapAndMove(src, dst) } }

// forking forks, with a child whose VMA is there already.
func forking(k *Kernel, vma *VmAreaStruct) (*MmStruct, func()) {
	childMm := NewMm(k)
	TableAt(k, childMm, 0)
	child := Fork(k, vma, childMm)
	return childMm, func() { actors.DupMmap(child, vma, fork.CopyPageRange) }
}

// gupFast gets the page for a device to write to.
func gupFast(mm *MmStruct, flags uint) *Page {
	var pages actors.Pages
	if fork.LocklessPagesFromMm(mm, 0, FollWrite|flags, &pages) == 0 {
		return nil
	}
	return pages.Page
}

// migrationAndFork: the page is pinned all the time.
func migrationAndFork(k *Kernel, p port) {
	vma, src, dst := p.newVma(k)
	SetBit(MmfHasPinned, &vma.VmMm.Flags)
	TryGrabCompoundHead(src, FollPin)
	_, forks := forking(k, vma)
	k.Go("migrate", p.migrate(src, dst))
	k.Go("fork", forks)
	k.Finally(func() { actors.G1(vma.VmMm, 0, src) })
}

// migrationPinAndFork: a thread pins it, and forks.
func migrationPinAndFork(k *Kernel, p port) {
	vma, src, dst := p.newVma(k)
	SetBit(MmfHasPinned, &vma.VmMm.Flags)
	_, forks := forking(k, vma)
	k.Go("migrate", p.migrate(src, dst))
	k.Go("pin", func() {
		if pinned := gupFast(vma.VmMm, FollPin); pinned != nil {
			forks()
			actors.G1(vma.VmMm, 0, pinned)
		}
	})
}

// migrationAndGet: a device writes to it with an ordinary reference, as O_DIRECT does.
func migrationAndGet(k *Kernel, p port) {
	vma, src, dst := p.newVma(k)
	k.Go("migrate", p.migrate(src, dst))
	k.Go("get", func() {
		if page := gupFast(vma.VmMm, FollGet); page != nil {
			read := actors.UserAccess(vma.VmMm, 0, false)
			Assert(read == page, "the device writes to %v, the program reads %v", page, read)
		}
	})
}

// migrationAndShare: parent and child share the page until one of them writes. It stays where it is if somebody has more references
// to it than migration knows of.
func migrationAndShare(others int32) func(*Kernel, port) {
	return func(k *Kernel, p port) {
		vma, src, dst := p.newVma(k)
		for range others {
			GetPage(src)
		}
		childMm, forks := forking(k, vma)
		k.Go("migrate", p.migrate(src, dst))
		k.Go("fork", forks)
		k.Finally(func() {
			actors.Accounted(src, 1+others, vma.VmMm, childMm)
			actors.Accounted(dst, 1, vma.VmMm, childMm)
			ours, theirs := actors.UserAccess(vma.VmMm, 0, true), actors.UserAccess(childMm, 0, true)
			Assert(ours != theirs, "parent and child both write to %v", ours)
		})
	}
}

// migration: with nobody in its way it succeeds.
func migration(k *Kernel, p port) {
	vma, src, dst := p.newVma(k)
	k.Go("migrate", func() {
		Assert(p.unmapAndMove(src, dst) == 0, "%v does not migrate", src)
		written := actors.UserAccess(vma.VmMm, 0, true)
		Assert(written == dst, "the program writes to %v", written)
	})
}

// migrationAndWrite: a page that nobody else has is not copied, wherever it is.
func migrationAndWrite(k *Kernel, p port) {
	vma, src, dst := p.newVma(k)
	k.Go("migrate", p.migrate(src, dst))
	k.Go("write", func() {
		written := actors.UserAccess(vma.VmMm, 0, true)
		Assert(written == src || written == dst, "the program writes to %v", written)
	})
	k.Finally(func() {
		if Since(5, 19) {
			actors.G2(vma.VmMm, 0)
		}
	})
}

// migrationAndGuest: a guest has the page mapped by way of the program's address.
func migrationAndGuest(k *Kernel, p port) {
	vma, src, dst := p.newVma(k)
	kvm := actors.NewKvm(k, vma.VmMm, 0)
	kvm.Spte.Set(src)
	k.Go("migrate", p.migrate(src, dst))
	k.Go("guest", func() { actors.DirectPageFault(kvm) })
	k.Finally(func() {
		mapped := PtePage(PteOf(MmFindPmd(vma.VmMm, 0).Get(), 0).Get())
		Assert(kvm.Spte.Get() == nil || kvm.Spte.Get() == mapped, "the guest maps %v, the host %v", kvm.Spte.Get(), mapped)
	})
}

func TestStory(t *testing.T) {
	const kind = explore.Invariant
	asMailed := []story.Variant[port]{{Name: "hint", Port: port{"v5.18", hint.UnmapAndMove}, Fails: kind}}
	story.Test(t, port{"v5.18", buggy.UnmapAndMove}, port{"v5.19", fixed.UnmapAndMove},
		story.Scenario[port]{Name: "migration+fork", Setup: migrationAndFork, Fails: kind},
		story.Scenario[port]{Name: "migration+pin+fork", Setup: migrationPinAndFork, Fails: kind, Variants: asMailed},
		story.Scenario[port]{Name: "migration+get", Setup: migrationAndGet},
		story.Scenario[port]{Name: "migration+share", Setup: migrationAndShare(0)},
		story.Scenario[port]{Name: "failing migration+share", Setup: migrationAndShare(1)},
		story.Scenario[port]{Name: "migration", Setup: migration},
		story.Scenario[port]{Name: "migration+write", Setup: migrationAndWrite},
		story.Scenario[port]{Name: "migration+guest", Setup: migrationAndGuest},
	)
}
