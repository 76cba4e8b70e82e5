package explore

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
	"github.com/mmvet/mmvet/testdata/structures/ticketlock"
	"github.com/mmvet/mmvet/testdata/structures/ttas"
)

// TestWeakCounts pins how many executions LKMM allows. Atomic increments have one for each order of the tasks, and so do
// ticket locks.
func TestWeakCounts(t *testing.T) {
	for _, test := range []struct {
		name  string
		setup func(*Kernel)
		want  int
	}{
		{"increments-2", scenario.Increments(2), 2},
		{"increments-3", scenario.Increments(3), 6},
		{"increments-4", scenario.Increments(4), 24},
		{"increments-5", scenario.Increments(5), 120},
		{"increments-6", scenario.Increments(6), 720},
		{"ticket-lock-2", scenario.Count(2, scenario.Shared(ticketlock.NewLock)), 2},
		{"ticket-lock-3", scenario.Count(3, scenario.Shared(ticketlock.NewLock)), 6},
		{"ttas-2", scenario.Count(2, scenario.Shared(ttas.NewLock)), 4},
		{"spinlock-4", scenario.Count(4, scenario.Spinlocks), 24},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, _, fails := weakly(t, test.setup)
			if out.complete != test.want || len(fails) > 0 {
				t.Errorf("%d executions, want %d; failures %v", out.complete, test.want, fails)
			}
		})
	}
}
