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

// TestCure: what the port lacks is what b1f02b95758d adds.
func TestCure(t *testing.T) {
	const want = `  buggy/port.go:11: with READ_ONCE instead of read(vma0.vm_lock_seq)
  buggy/port.go:19: with smp_load_acquire instead of READ_ONCE(mm0.mm_lock_seq)
  buggy/port.go:33: with WRITE_ONCE instead of write(vma0.vm_lock_seq)
  buggy/port.go:40: with smp_store_release instead of WRITE_ONCE(mm0.mm_lock_seq)
  with that nothing fails
`
	r := explore.Expect(t, explore.Invariant, registerAndFault(before), weak, explore.WithWhySafe())
	if got := r.Cure.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
