package rwlock_test

import (
	"fmt"
	"testing"

	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/structures/internal/measure"
	"github.com/mmvet/mmvet/testdata/structures/rwlock"
	"github.com/mmvet/mmvet/testdata/structures/rwlock/buggy"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
)

var lkmm = explore.WithMemoryModel(explore.LKMM)

// TestLock: nobody reads while another one writes.
func TestLock(t *testing.T) {
	explore.Check(t, scenario.ReadWrite(2, rwlock.NewLock), lkmm)
}

// TestCounts: as many as GenMC explores, which gives up those in which an attempt fails. So does CondLock, by CpuRelax. A Lock's
// attempts change its word, so that those that fail are explored, too: TestAttempts.
func TestCounts(t *testing.T) {
	for _, c := range []struct{ cpus, executions, blocked int }{{2, 14, 20}, {3, 690, 3186}} {
		t.Run(fmt.Sprint("cpus=", c.cpus), func(t *testing.T) {
			measure.Count(t, scenario.ReadWrite(c.cpus, rwlock.NewCondLock), c.executions, c.blocked)
		})
	}
}

// TestAttempts: of a Lock there are more executions, since those in which an attempt fails count as well.
func TestAttempts(t *testing.T) {
	measure.Count(t, scenario.ReadWrite(2, rwlock.NewLock), 222, 58)
}

// TestWhy: each order is there for a reason, but for those that why.golden tells.
func TestWhy(t *testing.T) {
	measure.Why(t, scenario.ReadWrite(2, rwlock.NewCondLock), "why.golden")
}

// TestBuggy: a reader does not see what was written, which is a data race.
func TestBuggy(t *testing.T) {
	explore.Expect(t, explore.DataRace, scenario.ReadWrite(2, buggy.NewCondLock), lkmm, explore.Golden("trace.golden"))
}

func BenchmarkRWLock(b *testing.B) {
	for _, cpus := range []int{2, 3} {
		b.Run(fmt.Sprint("cpus=", cpus), func(b *testing.B) {
			measure.Explorations(b, scenario.ReadWrite(cpus, rwlock.NewCondLock))
		})
	}
}
