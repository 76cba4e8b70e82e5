package vmalockseqcount

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/internal/vmalock"
	"github.com/mmvet/mmvet/testdata/mm/vma-lock-seqcount/buggy"
	"github.com/mmvet/mmvet/testdata/mm/vma-lock-seqcount/buggy/relaxedend"
	"github.com/mmvet/mmvet/testdata/mm/vma-lock-seqcount/buggy/relaxedload"
	"github.com/mmvet/mmvet/testdata/mm/vma-lock-seqcount/fixed"
)

// A port is one version of the functions under test.
type port struct {
	startRead  func(*VmAreaStruct) bool
	startWrite func(*VmAreaStruct)
	begin, end func(*MmStruct)
}

var (
	before = port{buggy.VmaStartRead, buggy.VmaStartWrite, buggy.MmLockSeqcountBegin, buggy.MmLockSeqcountEnd}
	after  = port{fixed.VmaStartRead, fixed.VmaStartWrite, fixed.MmLockSeqcountBegin, fixed.MmLockSeqcountEnd}
	end    = port{relaxedend.VmaStartRead, relaxedend.VmaStartWrite, relaxedend.MmLockSeqcountBegin, relaxedend.MmLockSeqcountEnd}
	load   = port{relaxedload.VmaStartRead, relaxedload.VmaStartWrite, relaxedload.MmLockSeqcountBegin, relaxedload.MmLockSeqcountEnd}
)

// registerAndFault: a page fault meets userfaultfd_register.
func registerAndFault(k *Kernel, p port) {
	vma := vmalock.NewVma(k)
	ctx := New[UserfaultfdCtx](k, "ctx")
	seq := &vma.VmMm.MmLockSeq.Sequence
	k.Go("uffd", func() {
		vmalock.UserfaultfdRegister(vma, ctx, func(vma *VmAreaStruct) {
			p.begin(vma.VmMm) // mmap_write_lock
			p.startWrite(vma)
		}, p.end)
	})
	k.Go("fault", func() { vmalock.HandleMmFault(vma, p.startRead) })
	k.Finally(func() {
		Assert(seq.Get()&1 == 0, "mmap_lock is free, and mm_lock_seq is odd")
		Assert(vma.VmLockSeq.Get() != seq.Get(), "mmap_lock is free, and the VMA is still write-locked: all its faults will take mmap_lock")
	})
}

func TestStory(t *testing.T) {
	const kind = explore.Invariant
	story.Test(t, before, after, story.Scenario[port]{
		Name: "register+fault", Setup: registerAndFault, Fails: kind,
		Options: []explore.Option{explore.WithMemoryModel(explore.LKMM)},
		Variants: []story.Variant[port]{
			{Name: "relaxed end", Port: end, Fails: kind},
			{Name: "relaxed load", Port: load, Fails: kind},
		},
	})
}
