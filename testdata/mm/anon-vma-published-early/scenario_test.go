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

func TestStory(t *testing.T) {
	weak := []explore.Option{explore.WithMemoryModel(explore.LKMM)}
	story.Test(t, port{buggy.AnonVmaPrepare, buggy.ReusableAnonVma}, port{fixed.AnonVmaPrepare, fixed.ReusableAnonVma},
		story.Scenario[port]{Name: "prepare+reuse", Setup: prepareAndReuse, Fails: explore.Invariant, Options: weak},
	)
}
