package treiber_test

import (
	"fmt"
	"testing"

	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/structures/internal/measure"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
	"github.com/mmvet/mmvet/testdata/structures/treiber"
	"github.com/mmvet/mmvet/testdata/structures/treiber/buggy"
)

var lkmm = explore.WithMemoryModel(explore.LKMM)

// TestStack: each node is popped once, with its data.
func TestStack(t *testing.T) {
	explore.Check(t, scenario.PushPop(2, treiber.NewStack), lkmm)
}

// TestCounts: fewer than the 20 and 2,640 of GenMC, because CpuRelax leaves out what tries in vain. TestRelax of package explore counts one
// by one that of all 46 executions of two CPUs those are left out in which an attempt fails, and no others.
func TestCounts(t *testing.T) {
	for _, c := range []struct{ cpus, executions, blocked int }{{2, 10, 10}, {3, 270, 942}} {
		t.Run(fmt.Sprint("cpus=", c.cpus), func(t *testing.T) {
			measure.Count(t, scenario.PushPop(c.cpus, treiber.NewStack), c.executions, c.blocked)
		})
	}
}

// TestWhy: each order is there for a reason, but for those that why.golden tells.
func TestWhy(t *testing.T) {
	measure.Why(t, scenario.PushPop(2, treiber.NewStack), "why.golden")
}

// TestBuggy: who pops a node does not see what is in it.
func TestBuggy(t *testing.T) {
	explore.Expect(t, explore.Invariant, scenario.PushPop(2, buggy.NewStack), lkmm, explore.Golden("trace.golden"))
}

func BenchmarkTreiber(b *testing.B) {
	for _, cpus := range []int{2, 3} {
		b.Run(fmt.Sprint("cpus=", cpus), func(b *testing.B) {
			measure.Explorations(b, scenario.PushPop(cpus, treiber.NewStack))
		})
	}
}
