package kernelshim_test

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/lockorder"
)

// TestDowngrade writes and reads under one lock: no other writer comes between. With an unlock and a lock one does.
func TestDowngrade(t *testing.T) {
	scenario := func(downgrade func(*shop)) func(*Kernel) {
		return func(k *Kernel) {
			s := newShop(k)
			for i, name := range []string{"a", "b"} {
				k.Go(name, func() {
					MmapWriteLock(s.Mm)
					s.Inside.Set(int32(i))
					downgrade(s)
					Assert(s.Inside.Get() == int32(i), "another writer came between")
					MmapReadUnlock(s.Mm)
				})
			}
		}
	}
	explore.Check(t, scenario(func(s *shop) { MmapWriteDowngrade(s.Mm) }))
	explore.Expect(t, explore.Invariant, scenario(func(s *shop) {
		MmapWriteUnlock(s.Mm)
		MmapReadLock(s.Mm)
	}))
}

// TestUpReadNonOwner gives back what another task took; but first what the task took itself, so that others keep theirs.
func TestUpReadNonOwner(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		s := newShop(k)
		k.Go("bpf", func() {
			DownRead(&s.Sem)
			SmpStoreRelease(&s.Inside, 1)
		})
		k.Go("irq_work", func() {
			SmpCondLoadAcquire(&s.Inside, func(n int32) bool { return n == 1 })
			UpReadNonOwner(&s.Sem)
		})
		k.Go("writer", func() {
			DownWrite(&s.Sem)
			UpWrite(&s.Sem)
		})
	}, ruleless)
	explore.Check(t, func(k *Kernel) {
		s := newShop(k)
		for _, name := range []string{"a", "b"} {
			k.Go(name, func() {
				DownRead(&s.Sem)
				if name == "a" {
					UpRead(&s.Sem)
				} else {
					UpReadNonOwner(&s.Sem)
				}
			})
		}
	}, ruleless)
}

// TestBadUnlock gives back what nobody, or only another task, holds.
func TestBadUnlock(t *testing.T) {
	for name, f := range map[string]func(*shop){
		"up_read":                  func(s *shop) { UpRead(&s.Sem) },
		"up_read of a writer":      func(s *shop) { DownWrite(&s.Sem); UpRead(&s.Sem) },
		"up_read_non_owner":        func(s *shop) { UpReadNonOwner(&s.Sem) },
		"up_write":                 func(s *shop) { UpWrite(&s.Sem) },
		"up_write of a reader":     func(s *shop) { DownRead(&s.Sem); UpWrite(&s.Sem) },
		"downgrade_write":          func(s *shop) { DownRead(&s.Sem); DowngradeWrite(&s.Sem) },
		"spin_unlock":              func(s *shop) { SpinUnlock(&s.Spin) },
		"read_unlock":              func(s *shop) { ReadUnlock(&s.Rwlock) },
		"read_unlock of a writer":  func(s *shop) { WriteLock(&s.Rwlock); ReadUnlock(&s.Rwlock) },
		"write_unlock":             func(s *shop) { WriteUnlock(&s.Rwlock) },
		"write_unlock of a reader": func(s *shop) { ReadLock(&s.Rwlock); WriteUnlock(&s.Rwlock) },
		"nested write_unlock_irq":  func(s *shop) { LocalIrqSave(); WriteLockIrq(&s.Rwlock); WriteUnlockIrq(&s.Rwlock) },
		"mutex_unlock":             func(s *shop) { MutexUnlock(&s.Mutex) },
		"clear_bit_unlock":         func(s *shop) { ClearBitUnlock(&s.Bit) },
		"bit_spin_unlock":          func(s *shop) { BitSpinUnlock(3, &s.Bits) },
		"another bit":              func(s *shop) { BitSpinLock(4, &s.Bits); BitSpinUnlock(3, &s.Bits) },
		"bit by set_bit":           func(s *shop) { SetBit(3, &s.Bits); BitSpinUnlock(3, &s.Bits) },
		"rcu_read_unlock":          func(s *shop) { LocalIrqSave(); RcuReadUnlock() },
		"local_irq_restore":        func(s *shop) { RcuReadLock(); LocalIrqRestore() },
		"local_irq_enable":         func(s *shop) { LocalIrqEnable() },
		"preempt_enable":           func(s *shop) { PreemptEnable() },
		// These would end the outer section.
		"nested local_irq_enable": func(s *shop) { LocalIrqSave(); LocalIrqDisable(); LocalIrqEnable() },
		"nested spin_unlock_irq":  func(s *shop) { LocalIrqSave(); SpinLockIrq(&s.Spin); SpinUnlockIrq(&s.Spin) },
	} {
		t.Run(name, func(t *testing.T) {
			explore.Expect(t, explore.BadUnlock, func(k *Kernel) {
				s := newShop(k)
				k.Go("task", func() { f(s) })
			}, ruleless)
		})
	}
	explore.Expect(t, explore.BadUnlock, func(k *Kernel) {
		s := newShop(k)
		k.Go("owner", func() { SpinLock(&s.Spin); SpinUnlock(&s.Spin) })
		k.Go("other", func() { SpinUnlock(&s.Spin) })
	}, ruleless)
}

// TestSelfDeadlock takes a lock that the task has.
func TestSelfDeadlock(t *testing.T) {
	for name, f := range map[string]func(*shop){
		"write, write":       func(s *shop) { DownWrite(&s.Sem); DownWrite(&s.Sem) },
		"write, read":        func(s *shop) { DownWrite(&s.Sem); DownRead(&s.Sem) },
		"read, write":        func(s *shop) { DownRead(&s.Sem); DownWrite(&s.Sem) },
		"rwlock write, read": func(s *shop) { WriteLock(&s.Rwlock); ReadLock(&s.Rwlock) },
		"rwlock read, write": func(s *shop) { ReadLock(&s.Rwlock); WriteLock(&s.Rwlock) },
		"spin":               func(s *shop) { SpinLock(&s.Spin); SpinLockIrq(&s.Spin) },
		"mutex":              func(s *shop) { MutexLock(&s.Mutex); MutexLock(&s.Mutex) },
		"bit spin":           func(s *shop) { BitSpinLock(3, &s.Bits); BitSpinLock(3, &s.Bits) },
		"rcu":                func(s *shop) { RcuReadLock(); SynchronizeRcu() },
		"rcu, by irq":        func(s *shop) { LocalIrqSave(); SynchronizeRcu() },
	} {
		t.Run(name, func(t *testing.T) {
			explore.Expect(t, explore.Deadlock, func(k *Kernel) {
				s := newShop(k)
				k.Go("task", func() { f(s) })
			}, ruleless)
		})
	}
}

// TestLeak ends tasks inside a lock or section.
func TestLeak(t *testing.T) {
	for name, f := range map[string]func(*shop){
		"rwsem":         func(s *shop) { DownRead(&s.Sem) },
		"spin":          func(s *shop) { SpinLock(&s.Spin) },
		"mutex":         func(s *shop) { MutexTrylock(&s.Mutex) },
		"bit":           func(s *shop) { TestAndSetBitLock(&s.Bit) },
		"rwlock, read":  func(s *shop) { ReadLock(&s.Rwlock); ReadLock(&s.Rwlock); ReadUnlock(&s.Rwlock) },
		"rwlock, write": func(s *shop) { WriteTrylock(&s.Rwlock) },
		"bit spin":      func(s *shop) { BitSpinTrylock(3, &s.Bits) },
		"rcu":           func(s *shop) { RcuReadLock(); RcuReadLock(); RcuReadUnlock() },
		"irq":           func(s *shop) { LocalIrqSave(); LocalIrqSave(); LocalIrqRestore() },
		"preempt":       func(s *shop) { PreemptDisable() },
	} {
		t.Run(name, func(t *testing.T) {
			explore.Expect(t, explore.LeakedLock, func(k *Kernel) {
				s := newShop(k)
				k.Go("task", func() { f(s) })
			}, ruleless)
		})
	}
}

// TestIsLocked asks locks whether they are.
func TestIsLocked(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		s := newShop(k)
		k.Go("task", func() {
			want := func(sem, spin, mutex bool) {
				Assert(RwsemIsLocked(&s.Sem) == sem, "rwsem_is_locked")
				Assert(SpinIsLocked(&s.Spin) == spin, "spin_is_locked")
				Assert(MutexIsLocked(&s.Mutex) == mutex, "mutex_is_locked")
			}
			want(false, false, false)
			MutexLock(&s.Mutex)
			DownRead(&s.Sem)
			SpinLock(&s.Spin)
			want(true, true, true)
			SpinUnlock(&s.Spin)
			UpRead(&s.Sem)
			want(false, false, true)
			MutexUnlock(&s.Mutex)
		})
	}, ruleless)
}

// TestAssertions checks that each assertion holds with the lock in a mode that it asks for, and is a broken rule without.
func TestAssertions(t *testing.T) {
	read := func(s *shop) { MmapReadLock(s.Mm); IMmapLockRead(s.File.FMapping); AnonVmaLockRead(s.Anon) }
	write := func(s *shop) { MmapWriteLock(s.Mm); IMmapLockWrite(s.File.FMapping); AnonVmaLockWrite(s.Anon) }
	nothing := func(s *shop) {}
	for name, a := range map[string]struct {
		assert func(*shop)
		fails  func(*shop)
		holds  []func(*shop)
	}{
		"lockdep_assert_held":          {func(s *shop) { LockdepAssertHeld(&s.Mm.MmapLock) }, nothing, []func(*shop){read, write}},
		"lockdep_assert_held_read":     {func(s *shop) { LockdepAssertHeldRead(&s.Mm.MmapLock) }, nothing, []func(*shop){read}},
		"lockdep_assert_held_write":    {func(s *shop) { LockdepAssertHeldWrite(&s.Mm.MmapLock) }, read, []func(*shop){write}},
		"lockdep_assert_not_held":      {func(s *shop) { LockdepAssertNotHeld(&s.Mm.MmapLock) }, read, []func(*shop){nothing}},
		"rwsem_assert_held":            {func(s *shop) { RwsemAssertHeld(&s.Mm.MmapLock) }, nothing, []func(*shop){read, write}},
		"rwsem_assert_held_write":      {func(s *shop) { RwsemAssertHeldWrite(&s.Mm.MmapLock) }, read, []func(*shop){write}},
		"mmap_assert_locked":           {func(s *shop) { MmapAssertLocked(s.Mm) }, nothing, []func(*shop){read, write}},
		"mmap_assert_write_locked":     {func(s *shop) { MmapAssertWriteLocked(s.Mm) }, read, []func(*shop){write}},
		"i_mmap_assert_locked":         {func(s *shop) { IMmapAssertLocked(s.File.FMapping) }, nothing, []func(*shop){read, write}},
		"i_mmap_assert_write_locked":   {func(s *shop) { IMmapAssertWriteLocked(s.File.FMapping) }, read, []func(*shop){write}},
		"anon_vma_assert_locked":       {func(s *shop) { AnonVmaAssertLocked(s.Anon) }, nothing, []func(*shop){read, write}},
		"anon_vma_assert_write_locked": {func(s *shop) { AnonVmaAssertWriteLocked(s.Anon) }, read, []func(*shop){write}},
	} {
		t.Run(name, func(t *testing.T) {
			rules := func(lock func(*shop)) (broken []string) {
				r := explore.Run(t.Name(), func(k *Kernel) {
					s := newShop(k)
					k.Go("task", func() { lock(s); a.assert(s) })
				})
				for _, f := range r.LockRules {
					if f.Rule != string(lockorder.RuleLeak) {
						broken = append(broken, f.Text)
					}
				}
				return broken
			}
			if len(rules(a.fails)) == 0 {
				t.Error("holds without the lock")
			}
			for _, lock := range a.holds {
				if broken := rules(lock); broken != nil {
					t.Errorf("fails with the lock: %q", broken)
				}
			}
		})
	}
}
