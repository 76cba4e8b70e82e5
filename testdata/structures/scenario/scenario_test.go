package scenario_test

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/internal/measure"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
)

// TestCounts: N CPUs increment in N! orders, and take a lock in as many; and there is no execution of the litmus tests that two others
// do not differ from.
func TestCounts(t *testing.T) {
	for _, c := range []struct {
		name                string
		scenario            func(*Kernel)
		executions, blocked int
	}{
		{"SB", scenario.StoreBuffering, 4, 0},
		{"IRIW", scenario.IRIW, 16, 0},
		{"increments-2", scenario.Increments(2), 2, 0},
		{"increments-3", scenario.Increments(3), 6, 0},
		{"increments-4", scenario.Increments(4), 24, 0},
		{"increments-5", scenario.Increments(5), 120, 0},
		{"increments-6", scenario.Increments(6), 720, 0},
		{"increments-7", scenario.Increments(7), 5040, 0},
		{"spinlocks-5", scenario.Count(5, scenario.Spinlocks), 120, 240},
	} {
		t.Run(c.name, func(t *testing.T) { measure.Count(t, c.scenario, c.executions, c.blocked) })
	}
}
