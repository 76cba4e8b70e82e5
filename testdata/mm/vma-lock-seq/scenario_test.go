package vmalockseq

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/internal/vmalock"
	"github.com/mmvet/mmvet/testdata/mm/vma-lock-seq/buggy"
	"github.com/mmvet/mmvet/testdata/mm/vma-lock-seq/fixed"
)

// A port is one version of the functions under test.
type port struct {
	startRead   func(*VmAreaStruct) bool
	startWrite  func(*VmAreaStruct)
	endWriteAll func(*MmStruct)
}

var (
	before      = port{buggy.VmaStartRead, buggy.VmaStartWrite, buggy.VmaEndWriteAll}
	relaxedEnd  = port{fixed.VmaStartRead, fixed.VmaStartWrite, buggy.VmaEndWriteAll}
	relaxedLoad = port{buggy.VmaStartRead, fixed.VmaStartWrite, fixed.VmaEndWriteAll}
	after       = port{fixed.VmaStartRead, fixed.VmaStartWrite, fixed.VmaEndWriteAll}
)

// registerAndFault: a page fault meets userfaultfd_register.
func registerAndFault(p port) func(*Kernel) {
	return func(k *Kernel) {
		vma := vmalock.NewVma(k)
		ctx := New[UserfaultfdCtx](k, "ctx")
		k.Go("uffd", func() { vmalock.UserfaultfdRegister(vma, ctx, p.startWrite, p.endWriteAll) })
		k.Go("fault", func() { vmalock.HandleMmFault(vma, p.startRead) })
		k.Finally(func() {
			locked := vma.VmLockSeq.Get() == vma.VmMm.MmLockSeq.Sequence.Get()
			Assert(!locked, "mmap_lock is free, and the VMA is still write-locked: all its faults will take mmap_lock")
		})
	}
}

var weak = explore.WithMemoryModel(explore.LKMM)

func TestStory(t *testing.T) {
	const kind = explore.Invariant
	story.Test(t, before, after, story.Scenario[port]{
		Name: "register+fault", Fails: kind, Golden: "trace.golden", Options: []explore.Option{weak},
		Setup: func(k *Kernel, p port) { registerAndFault(p)(k) },
		Variants: []story.Variant[port]{
			{Name: "relaxed end", Port: relaxedEnd, Fails: kind, Golden: "relaxed-end.golden"},
			{Name: "relaxed load", Port: relaxedLoad, Fails: kind, Golden: "relaxed-load.golden"},
		},
	})
}

// TestInterleavings: no interleaving has the bug; it takes a weak memory.
func TestInterleavings(t *testing.T) {
	explore.Check(t, registerAndFault(before), explore.WithoutLockRules())
	explore.Check(t, registerAndFault(after), explore.WithoutLockRules())
}

// TestRace: before the fix, the first check of vma_start_read is a data race besides.
func TestRace(t *testing.T) {
	explore.Expect(t, explore.DataRace, registerAndFault(before), weak)
}
