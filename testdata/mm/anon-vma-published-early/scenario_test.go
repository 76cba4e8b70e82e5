package anonvmapublish

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/anon-vma-published-early/buggy"
	"github.com/mmvet/mmvet/testdata/mm/anon-vma-published-early/fixed"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
)

// A port is one version of the functions under test.
type port struct {
	prepare  func(*VmAreaStruct) int
	reusable func(*VmAreaStruct) (*AnonVma, uint64)
}

// prepareAndReuse: a fault makes an anon_vma; one on the neighbour wants to share it.
func prepareAndReuse(k *Kernel, p port) {
	vma := MapAnon(k, NewMm(k), 0, PageSize, VmRead|VmWrite)
	k.Go("fault", func() { p.prepare(vma) })
	k.Go("neighbour", func() {
		a, children := p.reusable(vma)
		Assert(a == nil || children == 1, "the anon_vma has %d children: it is not initialised", children)
	})
}

// prepareAndPrepare: two faults make an anon_vma for the same VMA, and only one of them is used.
func prepareAndPrepare(k *Kernel, p port) {
	vma := MapAnon(k, NewMm(k), 0, PageSize, VmRead|VmWrite)
	used := [2]*Word[*AnonVma]{NewWord[*AnonVma](k, "used", nil), NewWord[*AnonVma](k, "used2", nil)}
	for i, name := range []string{"fault", "fault2"} {
		k.Go(name, func() {
			p.prepare(vma)
			used[i].Set(ReadOnce(&vma.AnonVma))
		})
	}
	k.Finally(func() {
		a := vma.AnonVma.Get()
		Assert(a != nil && used[0].Get() == a && used[1].Get() == a, "the faults use different anon_vmas")
		Assert(a.NumActiveVmas.Get() == 1, "%d VMAs use the anon_vma", a.NumActiveVmas.Get())
	})
}

func TestStory(t *testing.T) {
	weak := []explore.Option{explore.WithMemoryModel(explore.LKMM)}
	story.Test(t, port{buggy.AnonVmaPrepare, buggy.ReusableAnonVma}, port{fixed.AnonVmaPrepare, fixed.ReusableAnonVma},
		story.Scenario[port]{Name: "prepare+reuse", Setup: prepareAndReuse, Fails: explore.Invariant, Options: weak},
		story.Scenario[port]{Name: "prepare+prepare", Setup: prepareAndPrepare},
	)
}
