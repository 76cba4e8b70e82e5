package explore_test

import (
	"errors"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

var weak = explore.WithMemoryModel(explore.LKMM)

// messagePassing publishes data by a flag, with a release or without.
func messagePassing(release, acquire bool) func(*Kernel) {
	return func(k *Kernel) {
		data, flag := NewWord(k, "data", 0), NewWord(k, "flag", 0)
		k.Go("producer", func() {
			WriteOnce(data, 1)
			if release {
				SmpStoreRelease(flag, 1)
			} else {
				WriteOnce(flag, 1)
			}
		})
		k.Go("consumer", func() {
			var ready int
			if acquire {
				ready = SmpLoadAcquire(flag)
			} else {
				ready = ReadOnce(flag)
			}
			if ready == 1 {
				Assert(ReadOnce(data) == 1, "the flag is there before the data")
			}
		})
	}
}

func TestWeakMessagePassing(t *testing.T) {
	explore.Check(t, messagePassing(true, true), weak)
	explore.Check(t, messagePassing(false, false)) // under SC nothing is wrong
	explore.Expect(t, explore.Invariant, messagePassing(false, true), weak, explore.Golden("testdata/weak-mp.golden"))
	explore.Expect(t, explore.Invariant, messagePassing(true, false), weak)
}

// loadBuffering: each task reads what the other writes later.
func TestWeakLoadBuffering(t *testing.T) {
	explore.Expect(t, explore.Invariant, func(k *Kernel) {
		x, y, r := NewWord(k, "x", 0), NewWord(k, "y", 0), NewWord(k, "r", 0)
		k.Go("P0", func() { a := ReadOnce(x); WriteOnce(y, 1); WriteOnce(r, a) })
		k.Go("P1", func() { b := ReadOnce(y); WriteOnce(x, b) })
		k.Finally(func() { Assert(r.Get() == 0, "P0 read what came of its own store") })
	}, weak, explore.Golden("testdata/weak-lb.golden"))
}

// TestWeakOvertaking: what hangs on a store that overtakes a read is said, and only that.
func TestWeakOvertaking(t *testing.T) {
	s := func(fence func()) func(*Kernel) {
		return func(k *Kernel) {
			x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
			seen := NewWord(k, "seen", 0)
			k.Go("P0", func() { WriteOnce(x, 2); SmpWmb(); WriteOnce(y, 1) })
			k.Go("P1", func() { r := ReadOnce(y); fence(); WriteOnce(x, 1); WriteOnce(seen, r) })
			k.Finally(func() { Assert(seen.Get() == 0 || x.Get() == 1, "the older store wins") })
		}
	}
	if r := explore.Expect(t, explore.Invariant, s(func() {}), weak); !r.Failure.Overtaking {
		t.Error("a store that overtakes a read is not mentioned")
	}
	explore.Check(t, s(SmpMb), weak)
	if r := explore.Expect(t, explore.Invariant, messagePassing(false, true), weak); r.Failure.Overtaking {
		t.Error("no store overtakes a read here")
	}
}

type record struct {
	Object
	V Word[int]
}

// lookup uses what a pointer points to, while another task unlinks and frees it.
func lookup(section, wait, once bool) func(*Kernel) {
	return func(k *Kernel) {
		r := New[record](k, "record")
		head := NewWord(k, "head", r)
		k.Go("reader", func() {
			if section {
				RcuReadLock()
			}
			if p := RcuDereference(head); p != nil {
				ReadOnce(&p.V)
			}
			if section {
				RcuReadUnlock()
			}
		})
		k.Go("updater", func() {
			p := ReadOnce(head)
			WriteOnce(head, nil)
			if wait {
				SynchronizeRcu()
			}
			if once {
				Kfree(p)
			} else {
				KfreeRcu(p)
			}
		})
	}
}

func TestWeakLifetime(t *testing.T) {
	explore.Check(t, lookup(true, true, true), weak)
	explore.Check(t, lookup(true, false, false), weak) // kfree_rcu waits
	explore.Expect(t, explore.UseAfterFree, lookup(true, false, true), weak, explore.Golden("testdata/weak-uaf.golden"))
	explore.Expect(t, explore.UseAfterFree, lookup(false, true, true), weak)
	explore.Expect(t, explore.DoubleFree, func(k *Kernel) {
		r := New[record](k, "record")
		k.Go("a", func() { Kfree(r) })
		k.Go("b", func() { Kfree(r) })
	}, weak)
}

// TestWeakFree: a reference count whose last decrement frees needs order, also where interleavings need none.
func TestWeakFree(t *testing.T) {
	put := func(ordered bool) func(*Kernel) {
		return func(k *Kernel) {
			r, count := New[record](k, "record"), NewWord(k, "count", 2)
			for _, name := range []string{"a", "b"} {
				k.Go(name, func() {
					ReadOnce(&r.V)
					last := false
					if ordered {
						last = AtomicDecAndTest(count)
					} else {
						for old := ReadOnce(count); ; {
							if now := CmpxchgRelaxed(count, old, old-1); now == old {
								last = old == 1
								break
							} else {
								old = now
							}
						}
					}
					if last {
						Kfree(r)
					}
				})
			}
		}
	}
	explore.Check(t, put(true), weak)
	explore.Check(t, put(false)) // under SC
	explore.Expect(t, explore.UseAfterFree, put(false), weak)
}

func TestWeakRace(t *testing.T) {
	race := func(plain bool) func(*Kernel) {
		return func(k *Kernel) {
			x := NewWord(k, "x", 0)
			k.Go("P0", func() { WriteOnce(x, 1) })
			k.Go("P1", func() {
				if plain {
					x.Get()
				} else {
					ReadOnce(x)
				}
			})
		}
	}
	explore.Check(t, race(false), weak)
	explore.Expect(t, explore.DataRace, race(true), weak, explore.Golden("testdata/weak-race.golden"))
}

type locked struct {
	Object
	Spin   Spinlock
	Mutex  Mutex
	Sem    RwSemaphore
	N, Two Word[int]
}

// TestWeakLocks: what a lock protects may be plain.
func TestWeakLocks(t *testing.T) {
	for _, test := range []struct {
		name         string
		lock, unlock func(*locked)
	}{
		{"spinlock", func(l *locked) { SpinLock(&l.Spin) }, func(l *locked) { SpinUnlock(&l.Spin) }},
		{"mutex", func(l *locked) { MutexLock(&l.Mutex) }, func(l *locked) { MutexUnlock(&l.Mutex) }},
		{"rwsem", func(l *locked) { DownWrite(&l.Sem) }, func(l *locked) { UpWrite(&l.Sem) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := explore.Check(t, func(k *Kernel) {
				l := New[locked](k, "locked")
				for _, name := range []string{"a", "b", "c"} {
					k.Go(name, func() { test.lock(l); l.N.Set(l.N.Get() + 1); test.unlock(l) })
				}
				k.Finally(func() { Assert(l.N.Get() == 3, "%d", l.N.Get()) })
			}, weak)
			if r.Executions != 6 {
				t.Errorf("%d executions, want 6", r.Executions)
			}
		})
	}
	explore.Expect(t, explore.Deadlock, func(k *Kernel) {
		a, b := New[locked](k, "a"), New[locked](k, "b")
		k.Go("P0", func() { SpinLock(&a.Spin); SpinLock(&b.Spin); SpinUnlock(&b.Spin); SpinUnlock(&a.Spin) })
		k.Go("P1", func() { SpinLock(&b.Spin); SpinLock(&a.Spin); SpinUnlock(&a.Spin); SpinUnlock(&b.Spin) })
	}, weak, explore.WithoutLockRules())
	explore.Expect(t, explore.LeakedLock, func(k *Kernel) {
		l := New[locked](k, "locked")
		k.Go("P0", func() { DownRead(&l.Sem) })
	}, weak)
	explore.Expect(t, explore.BadUnlock, func(k *Kernel) {
		l := New[locked](k, "locked")
		k.Go("P0", func() { SpinUnlock(&l.Spin) })
		k.Go("P1", func() { SpinLock(&l.Spin); SpinUnlock(&l.Spin) })
	}, weak)
}

func TestWeakReplay(t *testing.T) {
	first := explore.Run("replay", messagePassing(false, true), weak)
	if first.Failure == nil {
		t.Fatal(first.Summary())
	}
	again := explore.Replay("replay", messagePassing(false, true), first.Failure.Replay, weak)
	if again.Failure == nil || again.Failure.Lanes != first.Failure.Lanes {
		t.Errorf("%v: %s, want\n%s", again.Err, again.Trace(), first.Trace())
	}
	if r := explore.Replay("replay", messagePassing(true, true), first.Failure.Replay, weak); !errors.Is(r.Err, explore.ErrReplay) {
		t.Errorf("the fixed scenario replays: %v", r.Err)
	}
}

// TestWeakIPI: a walk with interrupts off is safe from who frees after an IPI, and from nobody else; an IPI waits for no RCU
// section.
func TestWeakIPI(t *testing.T) {
	walk := func(off, on func(), wait func()) func(*Kernel) {
		return func(k *Kernel) {
			r := New[record](k, "record")
			head := NewWord(k, "head", r)
			k.Go("gup-fast", func() {
				off()
				if p := ReadOnce(head); p != nil {
					ReadOnce(&p.V)
				}
				on()
			})
			k.Go("khugepaged", func() {
				p := Xchg(head, nil)
				wait()
				Kfree(p)
			})
		}
	}
	ipi := func() { SyncIPI("tlb_remove_table_sync_one") }
	explore.Check(t, walk(LocalIrqSave, LocalIrqRestore, ipi), weak)
	explore.Check(t, walk(LocalIrqSave, LocalIrqRestore, SynchronizeRcu), weak)
	explore.Check(t, walk(func() { LocalIrqSave(); LocalIrqSave() }, func() { LocalIrqRestore(); LocalIrqRestore() }, ipi), weak)
	explore.Expect(t, explore.UseAfterFree, walk(LocalIrqSave, LocalIrqRestore, func() {}), weak)
	explore.Expect(t, explore.UseAfterFree, walk(RcuReadLock, RcuReadUnlock, ipi), weak)
	explore.Expect(t, explore.UseAfterFree, walk(PreemptDisable, PreemptEnable, ipi), weak)
}

// TestWeakLockRules: lock rules hold under LKMM, too, and on paths that only weak memory takes.
func TestWeakLockRules(t *testing.T) {
	toy := explore.WithContract(profile(t))
	locks := func(stale, reversed bool) func(*Kernel) {
		return func(k *Kernel) {
			mm := New[mmStruct](k, "mm")
			x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
			k.Go("writer", func() { WriteOnce(x, 1); WriteOnce(y, 1) })
			k.Go("reader", func() {
				if stale && (ReadOnce(y) == 0 || ReadOnce(x) == 1) {
					return
				}
				first, second := &mm.MmapLock, &mm.Rmap
				if reversed {
					first, second = second, first
				}
				DownRead(first)
				DownRead(second)
				UpRead(second)
				UpRead(first)
			})
		}
	}
	explore.Check(t, locks(false, false), weak, toy)
	explore.Check(t, locks(true, false), weak, toy)
	explore.Check(t, locks(true, true), toy) // no interleaving goes there
	explore.Expect(t, explore.LockRule, locks(false, true), weak, toy)
	r := explore.Expect(t, explore.LockRule, locks(true, true), weak, toy)
	if r.Failure.Weak == 0 {
		t.Errorf("no stale read:\n%s", r.Trace())
	}
	again := explore.Replay(t.Name(), locks(true, true), r.Failure.Replay, weak, toy)
	if again.Failure == nil || again.Failure.Lanes != r.Failure.Lanes {
		t.Errorf("replay of %s: %v", r.Failure.Replay, again.Err)
	}
	explore.Check(t, locks(true, true), weak, toy, explore.WithoutLockRules())
}
