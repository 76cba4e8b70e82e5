package explore_test

import (
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// cureTests are scenarios that fail, and what they lack.
var cureTests = []struct {
	name  string
	setup func(*Kernel, *sea)
	want  []string
}{
	{"one failure", func(k *Kernel, s *sea) {
		k.Go("P0", func() { WriteOnce(s.x, 1); WriteOnce(s.y, 1) })
		k.Go("P1", func() { Assert(ReadOnce(s.y) == 0 || ReadOnce(s.x) == 1, "x") })
	}, []string{"with smp_store_release instead of WRITE_ONCE(y)", "with smp_load_acquire instead of READ_ONCE(y)", "with that nothing fails"}},
	{"one after the other", func(k *Kernel, s *sea) {
		k.Go("P0", func() {
			WriteOnce(s.x, 1)
			WriteOnce(s.y, 1)
			SmpMb()
			WriteOnce(s.z, 1)
			Assert(ReadOnce(s.seen) == 1 || ReadOnce(s.z) == 1, "own store")
		})
		k.Go("P1", func() { Assert(SmpLoadAcquire(s.y) == 0 || ReadOnce(s.x) == 1, "x") })
		k.Go("P2", func() { Assert(ReadOnce(s.z) == 0 || ReadOnce(s.y) == 1, "y") })
	}, []string{"with smp_store_release instead of WRITE_ONCE(y)", "with smp_load_acquire instead of READ_ONCE(z)", "with that nothing fails"}},
	{"fences", func(k *Kernel, s *sea) {
		k.Go("P0", func() { WriteOnce(s.x, 1); WriteOnce(s.z, ReadOnce(s.y)+1) })
		k.Go("P1", func() { WriteOnce(s.y, 1); WriteOnce(s.seen, ReadOnce(s.x)+1) })
		k.Finally(func() { Assert(s.z.Get() != 1 || s.seen.Get() != 1, "both") })
	}, []string{"with smp_mb before READ_ONCE(y)", "with smp_mb before READ_ONCE(x)", "with that nothing fails"}},
	{"two for one step", func(k *Kernel, s *sea) {
		k.Go("P0", func() { WriteOnce(s.x, 1); SmpStoreRelease(s.y, 1) })
		k.Go("P1", func() {
			WriteOnce(s.z, 1)
			Assert(XchgRelaxed(s.y, 2) == 0 || ReadOnce(s.x) == 1, "x")
		})
		k.Go("P2", func() { Assert(SmpLoadAcquire(s.y) != 2 || ReadOnce(s.z) == 1, "z") })
	}, []string{"with xchg instead of xchg_relaxed(y)", "with that nothing fails"}},
	{"what the next makes superfluous", func(k *Kernel, s *sea) {
		k.Go("P0", func() { WriteOnce(s.x, 1); WriteOnce(s.y, 1) })
		k.Go("P1", func() { WriteOnce(s.y, 2); SmpMb(); WriteOnce(s.z, ReadOnce(s.x)+1) })
		k.Go("P2", func() { Assert(SmpLoadAcquire(s.y) != 1 || ReadOnce(s.x) == 1, "MP") })
		k.Finally(func() { BugOn(s.y.Get() == 2 && s.z.Get() == 1) })
	}, []string{"with smp_mb before WRITE_ONCE(y)", "with that nothing fails"}},
	{"and what they race on", func(k *Kernel, s *sea) {
		k.Go("P0", func() { s.x.Set(1); WriteOnce(s.y, 1) })
		k.Go("P1", func() { Assert(ReadOnce(s.y) == 0 || s.x.Get() == 1, "x") })
	}, []string{"with smp_store_release instead of WRITE_ONCE(y)", "with smp_load_acquire instead of READ_ONCE(y)", "with that nothing fails"}},
	{"no interleaving may", func(k *Kernel, s *sea) {
		k.Go("P0", func() { WriteOnce(s.x, 1) })
		k.Go("P1", func() { Assert(ReadOnce(s.x) == 1, "x") })
	}, []string{"no fence, no order and no mark helps"}},
	{"something else besides", func(k *Kernel, s *sea) {
		k.Go("P0", func() { WriteOnce(s.x, 1); WriteOnce(s.y, 1) })
		k.Go("P1", func() {
			r := ReadOnce(s.y)
			Assert(r == 0 || ReadOnce(s.x) == 1, "x")
			BugOn(r == 0)
		})
	}, []string{"with smp_store_release instead of WRITE_ONCE(y)", "with smp_load_acquire instead of READ_ONCE(y)", "it still fails: bug: "}},
	{"load buffering", func(k *Kernel, s *sea) {
		k.Go("P0", func() { r := ReadOnce(s.x); WriteOnce(s.y, 1); WriteOnce(s.z, r) })
		k.Go("P1", func() { r := ReadOnce(s.y); WriteOnce(s.x, 1); WriteOnce(s.seen, r) })
		k.Finally(func() { Assert(s.z.Get() == 0 || s.seen.Get() == 0, "both") })
	}, []string{"with smp_load_acquire instead of READ_ONCE(x)", "with smp_load_acquire instead of READ_ONCE(y)", "with that nothing fails"}},
}

// TestCure: of a scenario that fails it is said what all its executions lack, not only the one that is shown; that nothing else
// helps; or that something else is wrong besides.
func TestCure(t *testing.T) {
	for _, test := range cureTests {
		t.Run(test.name, func(t *testing.T) {
			r := explore.Run(t.Name(), func(k *Kernel) {
				test.setup(k, &sea{x: NewWord(k, "x", 0), y: NewWord(k, "y", 0), z: NewWord(k, "z", 0), seen: NewWord(k, "seen", 0)})
			}, weak, explore.WithWhySafe())
			lines := strings.Split(strings.TrimSpace(r.Why()), "\n")
			if r.Failure == nil || r.Cure == nil || len(lines) != len(test.want) {
				t.Fatalf("%s\n%s", r.Summary(), r.Why())
			}
			for i, line := range lines {
				if !strings.Contains(line, test.want[i]) {
					t.Errorf("%q, want %q", line, test.want[i])
				}
			}
		})
	}
}
