package memorder_test

import (
	"testing"

	"github.com/mmvet/mmvet/memorder"
)

// TestStronger holds what Stronger answers to Effect: the same events with another tag, which orders no less.
func TestStronger(t *testing.T) {
	tags := []memorder.Tag{memorder.Once, memorder.Acquire, memorder.Release, memorder.Mb}
	n := 0
	for _, name := range memorder.Effects() {
		was, _ := memorder.Effect(name)
		for _, tag := range tags {
			other := memorder.Stronger(name, tag)
			if other == "" {
				continue
			}
			n++
			is, ok := memorder.Effect(other)
			if !ok || len(is) != len(was) {
				t.Fatalf("Stronger(%s, %s) = %s: %v", name, tag, other, is)
			}
			for i := range is {
				want := was[i]
				want.Tag = tag
				if is[i] != want || was[i].Tag.Join(tag) != tag {
					t.Errorf("Stronger(%s, %s) = %s: event %d is %v, want %v", name, tag, other, i, is[i], want)
				}
			}
		}
	}
	for _, test := range []struct {
		name string
		tag  memorder.Tag
		want string
	}{
		{"read", memorder.Once, "READ_ONCE"}, {"READ_ONCE", memorder.Acquire, "smp_load_acquire"}, {"READ_ONCE", memorder.Release, ""},
		{"write", memorder.Release, "smp_store_release"}, {"atomic_read", memorder.Acquire, "atomic_read_acquire"},
		{"atomic_set", memorder.Release, "atomic_set_release"}, {"smp_cond_load_relaxed", memorder.Acquire, "smp_cond_load_acquire"},
		{"xchg_relaxed", memorder.Mb, "xchg"}, {"cmpxchg_relaxed", memorder.Release, "cmpxchg_release"},
		{"xchg_acquire", memorder.Release, ""}, {"xchg", memorder.Acquire, ""}, {"atomic_inc", memorder.Release, ""},
		{"smp_load_acquire", memorder.Once, ""}, {"nothing", memorder.Acquire, ""},
	} {
		if got := memorder.Stronger(test.name, test.tag); got != test.want {
			t.Errorf("Stronger(%s, %s) = %q, want %q", test.name, test.tag, got, test.want)
		}
	}
	t.Logf("%d answers", n)
}
