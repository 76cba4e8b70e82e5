package kernelshim_test

import (
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// TestBitSpinOtherBits takes two locks of one word, while a third task changes another bit of it by atomics: the locks do not
// exclude each other, and nothing that happens to a bit is lost.
func TestBitSpinOtherBits(t *testing.T) {
	scenario := func(bit int) func(*Kernel) {
		return func(k *Kernel) {
			s := newShop(k)
			for i, name := range []string{"a", "b"} {
				k.Go(name, func() {
					BitSpinLock(i*bit, &s.Bits)
					Assert(AtomicIncReturn(&s.Inside) == 1, "both are inside")
					AtomicDec(&s.Inside)
					BitSpinUnlock(i*bit, &s.Bits)
				})
			}
			k.Go("flags", func() { SetBit(7, &s.Bits) })
			k.Finally(func() { Assert(s.Bits.Get() == 1<<7, "the flags are %#x", s.Bits.Get()) })
		}
	}
	explore.Check(t, scenario(0), ruleless)
	explore.Expect(t, explore.Invariant, scenario(1), ruleless)
}

// TestBitSpinIsLocked asks whether bits are locked.
func TestBitSpinIsLocked(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		s := newShop(k)
		k.Go("task", func() {
			want := func(zero, three bool) {
				Assert(BitSpinIsLocked(0, &s.Bits) == zero && BitSpinIsLocked(3, &s.Bits) == three, "bit_spin_is_locked")
			}
			want(false, false)
			BitSpinLock(3, &s.Bits)
			want(false, true)
			Assert(!BitSpinTrylock(3, &s.Bits), "taken twice")
			BitSpinUnlock(3, &s.Bits)
			want(false, false)
		})
	})
}

// TestBitSpinPreempt: preemption is off while a bit lock is held, so that a grace period waits for its holder, and the holder
// must not sleep. It is on again after a trylock that fails.
func TestBitSpinPreempt(t *testing.T) {
	grace := func(lock bool) func(*Kernel) {
		return func(k *Kernel) {
			s := newShop(k)
			k.Go("holder", func() {
				if lock {
					BitSpinLock(0, &s.Bits)
				}
				seen := ReadOnce(&s.Inside)
				Assert(seen != 0 || ReadOnce(&s.Inside) != 2, "a grace period ended inside")
				if lock {
					BitSpinUnlock(0, &s.Bits)
				}
			})
			k.Go("grace", func() {
				WriteOnce(&s.Inside, 1)
				SynchronizeRcu()
				WriteOnce(&s.Inside, 2)
			})
		}
	}
	explore.Check(t, grace(true), ruleless)
	explore.Expect(t, explore.Invariant, grace(false), ruleless)

	sleeps := func(bits uint64) func(*Kernel) {
		return func(k *Kernel) {
			s := newShop(k)
			s.Bits.Set(bits)
			k.Go("task", func() {
				taken := BitSpinTrylock(0, &s.Bits)
				MmapReadLock(s.Mm)
				MmapReadUnlock(s.Mm)
				if taken {
					BitSpinUnlock(0, &s.Bits)
				}
			})
		}
	}
	explore.Check(t, sleeps(1))
	explore.Expect(t, explore.LockRule, sleeps(0))
}

// TestBitSpinDeadlock names the bit that is waited for, and what a proof hangs on.
func TestBitSpinDeadlock(t *testing.T) {
	r := explore.Run(t.Name(), func(k *Kernel) {
		s := newShop(k)
		k.Go("a", func() {
			BitSpinLock(0, &s.Bits)
			BitSpinLock(5, &s.Bits)
			BitSpinUnlock(5, &s.Bits)
			BitSpinUnlock(0, &s.Bits)
		})
		k.Go("b", func() {
			BitSpinLock(5, &s.Bits)
			BitSpinLock(0, &s.Bits)
			BitSpinUnlock(0, &s.Bits)
			BitSpinUnlock(5, &s.Bits)
		})
	}, ruleless)
	if want := "a waits for bit 5 of shop0.bits (33); b waits for bit 0 of shop0.bits (33)"; r.Failure == nil || r.Failure.Text != want {
		t.Errorf("%v, want %s", r.Failure, want)
	}
	r = explore.Run(t.Name(), func(k *Kernel) {
		s := newShop(k)
		for _, name := range []string{"a", "b"} {
			k.Go(name, func() {
				BitSpinLock(5, &s.Bits)
				WriteOnce(&s.Inside, ReadOnce(&s.Inside)+1)
				BitSpinUnlock(5, &s.Bits)
			})
		}
		k.Finally(func() { Assert(s.Inside.Get() == 2, "lost") })
	}, ruleless, explore.WithWhySafe())
	if why := r.Why(); !strings.Contains(why, "the lock bit 5 of shop0.bits") {
		t.Errorf("hangs on %s", why)
	}
}
