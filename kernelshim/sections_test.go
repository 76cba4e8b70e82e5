package kernelshim_test

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// A box is published by a pointer.
type box struct {
	Object
	Full Word[int]
	Spin Spinlock
}

// readers are ways to read what RCU keeps.
var readers = []struct {
	name       string
	lock, give func(*box)
	irq        bool // holds back interrupts of other CPUs, too
}{
	{"rcu", func(*box) { RcuReadLock() }, func(*box) { RcuReadUnlock() }, false},
	{"rcu nested", func(*box) { RcuReadLock(); RcuReadLock(); RcuReadUnlock() }, func(*box) { RcuReadUnlock() }, false},
	{"rcu, then irq", func(*box) { RcuReadLock(); LocalIrqSave(); RcuReadUnlock() }, func(*box) { LocalIrqRestore() }, true},
	{"preempt", func(*box) { PreemptDisable() }, func(*box) { PreemptEnable() }, false},
	{"irqsave", func(*box) { LocalIrqSave() }, func(*box) { LocalIrqRestore() }, true},
	{"irqsave nested", func(*box) { LocalIrqSave(); LocalIrqSave(); LocalIrqRestore() }, func(*box) { LocalIrqRestore() }, true},
	{"irq disable", func(*box) { LocalIrqDisable() }, func(*box) { LocalIrqEnable() }, true},
	{"spin_lock_irq", func(b *box) { SpinLockIrq(&b.Spin) }, func(b *box) { SpinUnlockIrq(&b.Spin) }, true},
	{"spin_lock_irqsave", func(b *box) { SpinLockIrqsave(&b.Spin) }, func(b *box) { SpinUnlockIrqrestore(&b.Spin) }, true},
}

// removers take the box away and free it when it is safe, or not at all safe.
var removers = []struct {
	name string
	free func(*box)
	rcu  bool // waits for RCU readers
	irq  bool // waits for CPUs with interrupts off
}{
	{"synchronize_rcu", func(b *box) { SynchronizeRcu(); Kfree(b) }, true, true},
	{"kfree_rcu", func(b *box) { KfreeRcu(b) }, true, true},
	{"call_rcu", func(b *box) { CallRcu("box_free", func() { Kfree(b) }) }, true, true},
	{"IPI", func(b *box) { TlbRemoveTableSyncOne(); Kfree(b) }, false, true},
	{"nothing", func(b *box) { Kfree(b) }, false, false},
}

// TestGracePeriods reads a box in each way while it is removed in each way. Readers come too late or are waited for.
func TestGracePeriods(t *testing.T) {
	for _, r := range readers {
		for _, w := range removers {
			t.Run(r.name+"/"+w.name, func(t *testing.T) {
				scenario := func(k *Kernel) {
					b, own := New[box](k, "box"), New[box](k, "own")
					p := NewWord(k, "p", b)
					k.Go("reader", func() {
						r.lock(own)
						if b := RcuDereference(p); b != nil {
							ReadOnce(&b.Full)
						}
						r.give(own)
					})
					k.Go("remover", func() {
						RcuAssignPointer(p, nil)
						w.free(b)
					})
				}
				if w.rcu || w.irq && r.irq {
					explore.Check(t, scenario, ruleless)
				} else {
					explore.Expect(t, explore.UseAfterFree, scenario, ruleless)
				}
			})
		}
	}
}

// TestGracePeriodEnds checks that a wait ends when the sections that were open have ended, whatever was opened since; and
// that nobody may keep a pointer from one section to the next.
func TestGracePeriodEnds(t *testing.T) {
	keep := func(twice bool) func(*Kernel) {
		return func(k *Kernel) {
			b := New[box](k, "box")
			p := NewWord(k, "p", b)
			k.Go("reader", func() {
				RcuReadLock()
				b := RcuDereference(p)
				RcuReadUnlock()
				RcuReadLock()
				if twice {
					b = RcuDereference(p)
				}
				if b != nil {
					ReadOnce(&b.Full)
				}
				RcuReadUnlock()
			})
			k.Go("remover", func() {
				RcuAssignPointer(p, nil)
				SynchronizeRcu()
				Kfree(b)
			})
		}
	}
	explore.Check(t, keep(true))
	explore.Expect(t, explore.UseAfterFree, keep(false))
	for name, wait := range map[string]func(){"rcu": SynchronizeRcu, "ipi": func() { SyncIPI("smp_call_function") }} {
		explore.Expect(t, explore.Invariant, func(k *Kernel) {
			ended := NewWord(k, "ended", false)
			k.Go("reader", func() {
				LocalIrqSave()
				LocalIrqRestore()
				LocalIrqSave()
				Assert(!ReadOnce(ended), "%s ends while a later section is open", name)
				LocalIrqRestore()
			})
			k.Go("wait", func() {
				wait()
				WriteOnce(ended, true)
			})
		})
	}
}

// TestIpiWithIrqsOff breaks the rule that an IPI must not be sent with interrupts off.
func TestIpiWithIrqsOff(t *testing.T) {
	r := explore.Expect(t, explore.LockRule, func(k *Kernel) {
		k.Go("task", func() {
			LocalIrqSave()
			TlbRemoveTableSyncOne()
			LocalIrqRestore()
		})
	})
	if len(r.LockRules) != 1 {
		t.Errorf("rules broken: %v", r.LockRules)
	}
}

// TestSleepInSection checks that waiting for RCU in a section is a broken rule where it is no deadlock.
func TestSleepInSection(t *testing.T) {
	for name, f := range map[string][2]func(){
		"rcu":     {RcuReadLock, RcuReadUnlock},
		"irq":     {LocalIrqDisable, LocalIrqEnable},
		"preempt": {PreemptDisable, PreemptEnable},
	} {
		t.Run(name, func(t *testing.T) {
			scenario := func(sleep bool) func(*Kernel) {
				return func(k *Kernel) {
					k.Go("task", func() {
						f[0]()
						if sleep {
							MightSleep()
						}
						f[1]()
					})
				}
			}
			explore.Check(t, scenario(false))
			explore.Expect(t, explore.LockRule, scenario(true))
		})
	}
}

// TestSeqcount writes two words in a write section while a reader, in each way to read, wants them equal. Without its last
// look, or its first, the reader sees them differ.
func TestSeqcount(t *testing.T) {
	readers := map[string]func(*SeqcountT) (uint32, bool){
		"read_seqcount_begin":    func(s *SeqcountT) (uint32, bool) { return ReadSeqcountBegin(s), true },
		"raw_seqcount_try_begin": RawSeqcountTryBegin,
		"raw_read_seqcount":      func(s *SeqcountT) (uint32, bool) { n := RawReadSeqcount(s); return n, n&1 == 0 },
	}
	writers := map[string][2]func(*SeqcountT){
		"write_seqcount_begin":     {WriteSeqcountBegin, WriteSeqcountEnd},
		"raw_write_seqcount_begin": {RawWriteSeqcountBegin, RawWriteSeqcountEnd},
	}
	scenario := func(begin func(*SeqcountT) (uint32, bool), write [2]func(*SeqcountT), look bool) func(*Kernel) {
		return func(k *Kernel) {
			mm := NewMm(k)
			s := &mm.MmLockSeq
			a, b := NewWord(k, "a", 0), NewWord(k, "b", 0)
			k.Go("writer", func() {
				DownWrite(&mm.MmapLock)
				write[0](s)
				WriteOnce(a, 1)
				WriteOnce(b, 1)
				write[1](s)
				UpWrite(&mm.MmapLock)
			})
			k.Go("reader", func() {
				seq, ok := begin(s)
				if !ok {
					return
				}
				x, y := ReadOnce(a), ReadOnce(b)
				if !look || !ReadSeqcountRetry(s, seq) {
					Assert(x == y, "a torn read")
				}
			})
		}
	}
	for name, begin := range readers {
		for _, write := range writers {
			explore.Check(t, scenario(begin, write, true))
			explore.Expect(t, explore.Invariant, scenario(begin, write, false))
		}
		nothing := [2]func(*SeqcountT){func(*SeqcountT) {}, func(*SeqcountT) {}}
		explore.Expect(t, explore.Invariant, scenario(begin, nothing, true))
		t.Log(name)
	}
	odd := func(s *SeqcountT) (uint32, bool) { return RawReadSeqcount(s), true }
	explore.Expect(t, explore.Invariant, scenario(odd, writers["raw_write_seqcount_begin"], true))
}

// TestSpeculation is the same for mmap_lock: who reads without it sees no write section halfway, since v6.13.
func TestSpeculation(t *testing.T) {
	scenario := func(release string) func(*Kernel) {
		return func(k *Kernel) {
			k.Release(release)
			mm := NewMm(k)
			a, b := NewWord(k, "a", 0), NewWord(k, "b", 0)
			k.Go("writer", func() {
				MmapWriteLock(mm)
				WriteOnce(a, 1)
				WriteOnce(b, 1)
				MmapWriteDowngrade(mm)
				MmapReadUnlock(mm)
			})
			k.Go("reader", func() {
				if seq, ok := MmapLockSpeculateTryBegin(mm); ok {
					x, y := ReadOnce(a), ReadOnce(b)
					Assert(MmapLockSpeculateRetry(mm, seq) || x == y, "a torn read")
				}
			})
		}
	}
	explore.Check(t, scenario("v6.14"))
	explore.Expect(t, explore.Invariant, scenario("v6.12"))
}
