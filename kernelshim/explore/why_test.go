package explore_test

import (
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// TestWhySafe names what a proof hangs on, and what it does not need.
func TestWhySafe(t *testing.T) {
	for _, test := range []struct {
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
	} {
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
