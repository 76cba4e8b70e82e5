package numapinned

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/numa-hint-of-pinned-page/buggy"
	"github.com/mmvet/mmvet/testdata/mm/numa-hint-of-pinned-page/fixed"
)

// A port is one version of the function under test, in its kernel.
type port struct {
	release        string
	changePteRange func(vma *VmAreaStruct, pmd *Word[PmdT], addr, end uint64, newprot PgprotT, cpFlags uint) int
}

// newVma maps a page that only this PTE refers to.
func (p port) newVma(k *Kernel, pages uint64) (*VmAreaStruct, *Page) {
	k.Release(p.release)
	vma := MapAnon(k, NewMm(k), 0, pages*PageSize, VmRead|VmWrite|VmMaywrite)
	return vma, MapNewPage(k, vma, 0, PageRw)
}

// scan is NUMA balancing.
func (p port) scan(vma *VmAreaStruct) func() {
	return func() { actors.ChangeProtNuma(vma, p.changePteRange) }
}

// scanOfPinned: the page has been pinned for a device. The program reads and writes it.
func scanOfPinned(k *Kernel, p port) {
	vma, page := p.newVma(k, 1)
	TryGrabCompoundHead(page, FollPin)
	k.Go("scan", p.scan(vma))
	k.Go("program", func() {
		actors.UserAccess(vma.VmMm, 0, false)
		actors.G1(vma.VmMm, 0, page)
	})
}

// scanOfUmcg: the page has been pinned by umcg_pin_and_load, and the kernel works on it where it cannot handle a fault.
func scanOfUmcg(k *Kernel, p port) {
	vma, page := p.newVma(k, 1)
	TryGrabCompoundHead(page, FollPin)
	k.Go("scan", p.scan(vma))
	k.Go("umcg", func() {
		used := actors.HardwareWalk(vma.VmMm, 0, true)
		Assert(used == page, "%v is pinned, and access to it faults", page)
	})
}

// scanAndPin: it is pinned meanwhile.
func scanAndPin(k *Kernel, p port) {
	vma, _ := p.newVma(k, 1)
	k.Go("scan", p.scan(vma))
	k.Go("pin", func() {
		pinned := actors.PinUserPagesFast(vma.VmMm, 0, FollWrite|FollPin)
		actors.UserAccess(vma.VmMm, 0, false)
		actors.G1(vma.VmMm, 0, pinned)
	})
}

// scanBeside: another entry is not that of a page of the program's alone, and stays as it is. The page is inaccessible, also to
// secondary MMUs.
func scanBeside(other func(*Page) PteT) func(k *Kernel, p port) {
	return func(k *Kernel, p port) {
		vma, page := p.newVma(k, 2)
		kvm := actors.NewKvm(k, vma.VmMm, 0)
		kvm.Spte.Set(page)
		first, second := PteAt(k, vma.VmMm, 0), PteAt(k, vma.VmMm, PageSize)
		second.Set(other(NewPage(k, nil, 1)))
		was := second.Get()
		k.Go("scan", p.scan(vma))
		k.Finally(func() {
			Assert(PteProtnone(first.Get()), "the page of the program's own stays accessible")
			Assert(second.Get() == was, "%v became %v", was, second.Get())
			Assert(kvm.Spte.Get() == nil, "the guest goes on to access %v", page)
		})
	}
}

// Entries that are left alone.
func zeroPage(page *Page) PteT { return MkPte(page, PageSpecial) }
func migrates(page *Page) PteT { return SwpEntryToPte(MakeReadableMigrationEntry(page)) }

func TestStory(t *testing.T) {
	const kind = explore.Invariant
	count := []story.Variant[port]{{Name: "count", Port: port{"v5.17", fixed.ChangePteRange}, Fails: kind}}
	story.Test(t, port{"v5.16", buggy.ChangePteRange}, port{"v5.19", fixed.ChangePteRange},
		story.Scenario[port]{Name: "scan of pinned", Setup: scanOfPinned, Fails: kind},
		story.Scenario[port]{Name: "scan of umcg", Setup: scanOfUmcg, Fails: kind},
		story.Scenario[port]{Name: "scan+pin", Setup: scanAndPin, Fails: kind, Variants: count},
		story.Scenario[port]{Name: "scan beside zero page", Setup: scanBeside(zeroPage)},
		story.Scenario[port]{Name: "scan beside migration entry", Setup: scanBeside(migrates)},
	)
}
