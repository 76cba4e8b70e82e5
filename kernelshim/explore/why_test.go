package explore_test

import (
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// A pageSlot is a page that a lock keeps.
type pageSlot struct {
	Object
	Lock Spinlock
	Page Word[*table]
}

// recheckedUnmap looks without the lock first, and again with it.
func recheckedUnmap(k *Kernel) {
	s, page := New[pageSlot](k, "thing"), New[table](k, "page")
	s.Page.Set(page)
	k.Go("user", func() {
		p := s.Page.Get()
		if p == nil {
			return
		}
		SpinLock(&s.Lock)
		if s.Page.Get() == p {
			ReadOnce(&p.Pte)
		}
		SpinUnlock(&s.Lock)
	})
	k.Go("unmap", func() {
		SpinLock(&s.Lock)
		s.Page.Set(nil)
		SpinUnlock(&s.Lock)
		Kfree(page)
	})
}

// recheckedReference takes a reference of what it found, and looks whether it is still there: find_lock_page in short.
func recheckedReference(k *Kernel) {
	slot, count, owner := NewWord(k, "slot", 1), New[counted](k, "page"), NewWord(k, "owner", 1)
	count.N.Set(1)
	k.Go("find", func() {
		if ReadOnce(slot) == 0 || !AtomicIncNotZero(&count.N) {
			return
		}
		if ReadOnce(slot) == 1 {
			Assert(ReadOnce(owner) == 1, "a page of another file")
		}
	})
	k.Go("reuse", func() {
		WriteOnce(slot, 0)
		if AtomicDecAndTest(&count.N) {
			WriteOnce(owner, 2)
			AtomicSetRelease(&count.N, 1)
		}
	})
}

type counted struct {
	Object
	N AtomicT
}

// whySafe are scenarios with what their proof hangs on.
var whySafe = []struct {
	name  string
	setup func(*Kernel)
	opts  []explore.Option
	want  []string // parts of the reasons, in order
}{
	{"message passing", func(k *Kernel) {
		data, flag := NewWord(k, "data", 0), NewWord(k, "flag", 0)
		k.Go("producer", func() { WriteOnce(data, 1); SmpWmb(); SmpStoreRelease(flag, 1) })
		k.Go("consumer", func() {
			if SmpLoadAcquire(flag) == 1 {
				Assert(ReadOnce(data) == 1, "no data")
			}
		})
	}, []explore.Option{weak}, []string{
		"without smp_wmb() alone nothing fails",
		"without the order of smp_store_release(flag) alone nothing fails",
		"without the order of smp_load_acquire(flag): invariant: no data",
	}},
	{"a lock, under interleavings", func(k *Kernel) {
		l := New[locked](k, "locked")
		for _, name := range []string{"a", "b"} {
			k.Go(name, func() {
				MutexLock(&l.Mutex)
				SpinLock(&l.Spin)
				l.N.Set(l.N.Get() + 1)
				SpinUnlock(&l.Spin)
				MutexUnlock(&l.Mutex)
				SpinLock(&l.Spin)
				l.Two.Set(l.Two.Get() + 1)
				SpinUnlock(&l.Spin)
			})
		}
		k.Finally(func() { Assert(l.N.Get() == 2 && l.Two.Get() == 2, "%d, %d", l.N.Get(), l.Two.Get()) })
	}, nil, []string{
		"without the lock locked0.mutex alone nothing fails",
		"without the lock locked0.spin: invariant",
	}},
	{"lifetime", lookup(true, true, true), []explore.Option{weak}, []string{
		"without the sections of rcu_read_lock: use-after-free",
		"without synchronize_rcu(): use-after-free",
	}},
	{"a recheck under the lock", recheckedUnmap, nil, []string{
		"without the lock thing0.lock: use-after-free",
		"without the recheck read(thing0.page) of what was seen at explore/why_test.go:23: use-after-free",
	}},
	{"a recheck of a reference, under LKMM", recheckedReference, []explore.Option{weak}, []string{
		"without the order of atomic_inc_not_zero(page0.n): invariant",
		"without the recheck READ_ONCE(slot) of what was seen at explore/why_test.go:46: invariant: a page of another file",
		"without the order of atomic_dec_and_test(page0.n) alone nothing fails",
		"without the order of atomic_set_release(page0.n) alone nothing fails",
	}},
	{"a flush", unmapAndFree(true), []explore.Option{explore.WithoutLockRules()}, []string{
		"without flush_tlb_page(): use-after-free",
		"without the order of atomic_dec_and_test(page0.refcount) alone nothing fails",
	}},
}

// TestWhySafe names what a proof hangs on, and what it does not need.
func TestWhySafe(t *testing.T) {
	for _, test := range whySafe {
		t.Run(test.name, func(t *testing.T) {
			r := explore.Check(t, test.setup, append(test.opts, explore.WithWhySafe())...)
			if len(r.Reasons) != len(test.want) {
				t.Fatalf("%d reasons, want %d:\n%s", len(r.Reasons), len(test.want), r.Why())
			}
			for i, want := range test.want {
				if !strings.Contains(r.Reasons[i].String(), want) {
					t.Errorf("%s; want %q", &r.Reasons[i], want)
				}
			}
		})
	}
}
