package msqueue_test

import (
	"fmt"
	"testing"

	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/structures/internal/measure"
	"github.com/mmvet/mmvet/testdata/structures/msqueue"
	"github.com/mmvet/mmvet/testdata/structures/msqueue/buggy"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
)

var lkmm = explore.WithMemoryModel(explore.LKMM)

// TestQueue: each node is taken out with its data.
func TestQueue(t *testing.T) {
	explore.Check(t, scenario.Handover(msqueue.NewQueue), lkmm)
}

// TestCounts: those in which no attempt fails, but for what helps others.
func TestCounts(t *testing.T) {
	for _, c := range []struct{ cpus, executions, blocked int }{{2, 22, 30}} {
		t.Run(fmt.Sprint("cpus=", c.cpus), func(t *testing.T) {
			measure.Count(t, scenario.InOut(c.cpus, msqueue.NewQueue), c.executions, c.blocked)
		})
	}
}

// TestWhy: each order is there for a reason, but for those that why.golden tells.
func TestWhy(t *testing.T) {
	measure.Why(t, scenario.Handover(msqueue.NewQueue), "why.golden")
}

// TestBuggy: who takes a node out does not see what is in it.
func TestBuggy(t *testing.T) {
	explore.Expect(t, explore.Invariant, scenario.Handover(buggy.NewQueue), lkmm, explore.Golden("trace.golden"))
}

func BenchmarkMSQueue(b *testing.B) {
	for _, cpus := range []int{2} {
		b.Run(fmt.Sprint("cpus=", cpus), func(b *testing.B) {
			measure.Explorations(b, scenario.InOut(cpus, msqueue.NewQueue))
		})
	}
}
