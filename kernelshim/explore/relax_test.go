package explore_test

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// handOver spins until the other task has set a flag, which it may forget.
func handOver(set, relaxed bool) func(*Kernel) {
	return func(k *Kernel) {
		flag, data := NewWord(k, "flag", 0), NewWord(k, "data", 0)
		k.Go("setter", func() {
			WriteOnce(data, 1)
			if set {
				SmpStoreRelease(flag, 1)
			}
		})
		k.Go("spinner", func() {
			for SmpLoadAcquire(flag) == 0 {
				if relaxed {
					CpuRelax()
				}
			}
			Assert(ReadOnce(data) == 1, "no data")
		})
	}
}

// TestRelax: a loop that spins by hand needs no bound, and one that can never end is a livelock.
func TestRelax(t *testing.T) {
	for _, opts := range [][]explore.Option{nil, {weak}, {explore.WithEngine(explore.Preempting)}, {weak, explore.WithEngine(explore.Enumerating)}} {
		if r := explore.Check(t, handOver(true, true), opts...); r.Executions != 1 {
			t.Errorf("%s: want 1 execution", r.Summary())
		}
		explore.Expect(t, explore.Livelock, handOver(false, true), opts...)
	}
	small := explore.WithLimits(explore.Limits{Steps: 50})
	if r := explore.Run("without", handOver(true, false), small); r.Verdict != explore.Incomplete {
		t.Errorf("without CpuRelax: %s", r.Summary())
	}
	for seed := range uint64(5) {
		explore.Expect(t, explore.Livelock, handOver(false, true), weak, explore.WithEngine(explore.Sampling), explore.WithSeed(seed))
		explore.Check(t, handOver(true, true), weak, explore.WithEngine(explore.Sampling), explore.WithSeed(seed),
			explore.WithLimits(explore.Limits{Executions: 100}))
	}
}
