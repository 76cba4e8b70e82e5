package mcs_test

import (
	"fmt"
	"testing"

	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/structures/internal/measure"
	"github.com/mmvet/mmvet/testdata/structures/mcs"
	"github.com/mmvet/mmvet/testdata/structures/mcs/buggy"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
)

var lkmm = explore.WithMemoryModel(explore.LKMM)

// TestLock: no addition is lost, in no execution that the kernel's memory model allows.
func TestLock(t *testing.T) {
	explore.Check(t, scenario.Count(2, mcs.NewLock), lkmm)
}

// TestCounts: as many as GenMC explores.
func TestCounts(t *testing.T) {
	for _, c := range []struct{ cpus, executions, blocked int }{{2, 6, 3}, {3, 66, 51}} {
		t.Run(fmt.Sprint("cpus=", c.cpus), func(t *testing.T) {
			measure.Count(t, scenario.Count(c.cpus, mcs.NewLock), c.executions, c.blocked)
		})
	}
}

// TestWhy: each order is there for a reason, but for those that why.golden tells.
func TestWhy(t *testing.T) {
	measure.Why(t, scenario.Count(2, mcs.NewLock), "why.golden")
}

// TestBuggy: the successor adds to what was there before.
func TestBuggy(t *testing.T) {
	explore.Expect(t, explore.Invariant, scenario.Count(2, buggy.NewLock), lkmm, explore.Golden("trace.golden"))
}

func BenchmarkMCS(b *testing.B) {
	for _, cpus := range []int{3} {
		b.Run(fmt.Sprint("cpus=", cpus), func(b *testing.B) {
			measure.Explorations(b, scenario.Count(cpus, mcs.NewLock))
		})
	}
}
