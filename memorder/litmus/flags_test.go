package litmus

import (
	"context"
	"slices"
	"testing"
)

func TestFlags(t *testing.T) {
	for body, want := range map[string][]string{
		"*x = 1; WRITE_ONCE(*x, 2);":                        {"mixed-accesses"},
		"*x = 1; barrier(); WRITE_ONCE(*x, 2);":             nil,
		"*x = 1; smp_store_release(x, 2);":                  nil,
		"r0 = READ_ONCE(*x); *x = 1;":                       {"mixed-accesses"},
		"r0 = smp_load_acquire(x); *x = 1;":                 nil,
		"r0 = *x; WRITE_ONCE(*x, 2);":                       nil, // a plain load does no harm
		"*x = 1; WRITE_ONCE(*y, 2);":                        nil,
		"spin_unlock(l);":                                   {"unmatched-unlock"},
		"spin_lock(l); spin_unlock(l); spin_unlock(l);":     {"unmatched-unlock"},
		"spin_lock(l); r0 = READ_ONCE(*l);":                 {"mixed-lock-accesses"},
		"spin_lock(l); r0 = READ_ONCE(*x); spin_unlock(l);": nil,
	} {
		src := "C a\n{}\nP0(int *x, int *y, spinlock_t *l)\n{\n" + body + "\n}\nexists (x=1)\n"
		r, err := parsed(t, "flags", src).Run(context.Background(), Options{})
		if err != nil || !slices.Equal(r.Flags, want) {
			t.Errorf("%s: %v, flags %v, want %v", body, err, r.Flags, want)
		}
	}
}
