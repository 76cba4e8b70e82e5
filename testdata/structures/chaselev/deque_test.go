package chaselev_test

import (
	"fmt"
	"testing"

	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/structures/chaselev"
	"github.com/mmvet/mmvet/testdata/structures/chaselev/buggy"
	"github.com/mmvet/mmvet/testdata/structures/internal/measure"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
)

var lkmm = explore.WithMemoryModel(explore.LKMM)

// TestDeque: each element is taken once, as it was pushed.
func TestDeque(t *testing.T) {
	explore.Check(t, scenario.Stealing(2, 1, chaselev.NewDeque), lkmm)
}

// TestCounts: a thief that loses is not tried again.
func TestCounts(t *testing.T) {
	for _, c := range []struct{ thieves, executions, blocked int }{{1, 18, 0}, {2, 332, 0}} {
		t.Run(fmt.Sprint("thieves=", c.thieves), func(t *testing.T) {
			measure.Count(t, scenario.Stealing(c.thieves, 1, chaselev.NewDeque), c.executions, c.blocked)
		})
	}
}

// TestWhy: each order is there for a reason, but for those that why.golden tells.
func TestWhy(t *testing.T) {
	measure.Why(t, scenario.Stealing(2, 1, chaselev.NewDeque), "why.golden")
}

// TestBuggy: the owner and a thief take the same element.
func TestBuggy(t *testing.T) {
	explore.Expect(t, explore.Invariant, scenario.Stealing(2, 1, buggy.NewDeque), lkmm, explore.Golden("trace.golden"))
}

func BenchmarkChaseLev(b *testing.B) {
	for _, thieves := range []int{1, 2} {
		b.Run(fmt.Sprint("thieves=", thieves), func(b *testing.B) {
			measure.Explorations(b, scenario.Stealing(thieves, 1, chaselev.NewDeque))
		})
	}
}
