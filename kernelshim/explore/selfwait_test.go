package explore_test

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// engines are ways to explore a scenario completely.
var engines = map[string][]explore.Option{
	"interleaving": nil,
	"revisiting":   {weak, explore.WithEngine(explore.Revisiting)},
	"enumerating":  {weak, explore.WithEngine(explore.Enumerating)},
}

// TestWaitsForItself: a grace period that begins in the task's own read-side section never ends; call_rcu may be called there.
func TestWaitsForItself(t *testing.T) {
	for name, opts := range engines {
		t.Run(name, func(t *testing.T) {
			opts = append(opts, explore.WithoutLockRules())
			in := func(enter, leave func(), wait func()) func(*Kernel) {
				return func(k *Kernel) { k.Go("a", func() { enter(); wait(); leave() }) }
			}
			explore.Expect(t, explore.Deadlock, in(RcuReadLock, RcuReadUnlock, SynchronizeRcu), opts...)
			explore.Expect(t, explore.Deadlock, in(LocalIrqSave, LocalIrqRestore, SynchronizeRcu), opts...)
			explore.Check(t, in(RcuReadLock, RcuReadUnlock, func() { CallRcu("callback", func() {}) }), opts...)
			explore.Check(t, func(k *Kernel) {
				k.Go("a", func() { RcuReadLock(); RcuReadUnlock(); SynchronizeRcu() })
				k.Go("b", func() { RcuReadLock(); RcuReadUnlock() })
			}, opts...)
		})
	}
}

// held is an object with a spinlock.
type held struct {
	Object
	Lock Spinlock
	Seen Word[int]
}

// TestFreedWhileLocked: one task frees what another holds the spinlock of, which it sees by a word in it. With the lock it does
// not.
func TestFreedWhileLocked(t *testing.T) {
	scenario := func(locked bool) func(*Kernel) {
		return func(k *Kernel) {
			o := New[held](k, "held")
			k.Go("holder", func() {
				SpinLock(&o.Lock)
				WriteOnce(&o.Seen, 1)
				SpinUnlock(&o.Lock)
			})
			k.Go("freer", func() {
				if locked {
					SpinLock(&o.Lock)
				}
				seen := ReadOnce(&o.Seen) == 1
				if locked {
					SpinUnlock(&o.Lock)
				}
				if seen {
					Kfree(o)
				}
			})
		}
	}
	for name, opts := range engines {
		t.Run(name, func(t *testing.T) {
			if name != "enumerating" { // see doc.go: lock.cat knows no end of a lock
				explore.Expect(t, explore.UseAfterFree, scenario(false), opts...)
			}
			explore.Check(t, scenario(true), opts...)
		})
	}
}
