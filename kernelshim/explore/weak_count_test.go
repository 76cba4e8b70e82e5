package explore

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
)

// TestWeakCounts pins how many executions LKMM allows. Atomic increments have one for each order of the tasks, and so do
// ticket locks; of a test-and-test-and-set lock the attempts that failed count as well.
func TestWeakCounts(t *testing.T) {
	for _, test := range []struct {
		name  string
		setup func(*Kernel)
		want  int
	}{
		{"increments-2", increments(2), 2},
		{"increments-3", increments(3), 6},
		{"increments-4", increments(4), 24},
		{"increments-5", increments(5), 120},
		{"increments-6", increments(6), 720},
		{"ticket-lock-2", ticketLock(2), 2},
		{"ticket-lock-3", ticketLock(3), 6},
		{"ttas-2", ttas(2, false), 6},
		{"spinlock-4", criticalSections(4), 24},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, _, fails := weakly(t, test.setup)
			if out.complete != test.want || len(fails) > 0 {
				t.Errorf("%d executions, want %d; failures %v", out.complete, test.want, fails)
			}
		})
	}
}
