package seqlock_test

import (
	"fmt"
	"testing"

	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/structures/internal/measure"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
	"github.com/mmvet/mmvet/testdata/structures/seqlock"
	"github.com/mmvet/mmvet/testdata/structures/seqlock/buggy"
)

var lkmm = explore.WithMemoryModel(explore.LKMM)

// TestLock: a reader sees both words of one writer.
func TestLock(t *testing.T) {
	explore.Check(t, scenario.Pair(1, seqlock.NewLock), lkmm)
}

// TestCounts: a reader sees each pair, after as many attempts as writers let it make.
func TestCounts(t *testing.T) {
	for _, c := range []struct{ times, executions, blocked int }{{1, 10, 0}, {2, 109, 0}} {
		t.Run(fmt.Sprint("writes=", c.times), func(t *testing.T) {
			measure.Count(t, scenario.Pair(c.times, seqlock.NewLock), c.executions, c.blocked)
		})
	}
}

// TestWhy: each order is there for a reason, but for those that why.golden tells.
func TestWhy(t *testing.T) {
	measure.Why(t, scenario.Pair(1, seqlock.NewLock), "why.golden")
}

// TestBuggy: a reader sees half of what was written.
func TestBuggy(t *testing.T) {
	explore.Expect(t, explore.Invariant, scenario.Pair(1, buggy.NewLock), lkmm, explore.Golden("trace.golden"))
}

func BenchmarkSeqlock(b *testing.B) {
	for _, times := range []int{1, 2} {
		b.Run(fmt.Sprint("writes=", times), func(b *testing.B) {
			measure.Explorations(b, scenario.Pair(times, seqlock.NewLock))
		})
	}
}
