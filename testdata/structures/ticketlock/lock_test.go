package ticketlock_test

import (
	"fmt"
	"testing"

	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/structures/internal/measure"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
	"github.com/mmvet/mmvet/testdata/structures/ticketlock"
	"github.com/mmvet/mmvet/testdata/structures/ticketlock/buggy"
)

var lkmm = explore.WithMemoryModel(explore.LKMM)

// TestLock: no addition is lost, in no execution that the kernel's memory model allows.
func TestLock(t *testing.T) {
	explore.Check(t, scenario.Count(3, scenario.Shared(ticketlock.NewLock)), lkmm)
}

// TestCounts: an execution for each order in which the tickets are taken, and none twice.
func TestCounts(t *testing.T) {
	for _, c := range []struct{ cpus, executions, blocked int }{{2, 2, 1}, {3, 6, 9}, {4, 24, 78}, {5, 120, 744}} {
		t.Run(fmt.Sprint("cpus=", c.cpus), func(t *testing.T) {
			measure.Count(t, scenario.Count(c.cpus, scenario.Shared(ticketlock.NewLock)), c.executions, c.blocked)
		})
	}
}

// TestWhy: each order is there for a reason, but for those that why.golden tells.
func TestWhy(t *testing.T) {
	measure.Why(t, scenario.Count(3, scenario.Shared(ticketlock.NewLock)), "why.golden")
}

// TestBuggy: the next owner adds to what was there before the last one did.
func TestBuggy(t *testing.T) {
	explore.Expect(t, explore.Invariant, scenario.Count(2, scenario.Shared(buggy.NewLock)), lkmm, explore.Golden("trace.golden"))
}

func BenchmarkTicketLock(b *testing.B) {
	for _, cpus := range []int{4, 5} {
		b.Run(fmt.Sprint("cpus=", cpus), func(b *testing.B) {
			measure.Explorations(b, scenario.Count(cpus, scenario.Shared(ticketlock.NewLock)))
		})
	}
}
