package explore

import (
	"context"
	"testing"

	"github.com/mmvet/mmvet/testdata/structures/qspinlock"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
)

// TestCrowdedQspinlock counts the executions in which two CPUs queue up, and finds what each order of the queue is for.
func TestCrowdedQspinlock(t *testing.T) {
	crowded := scenario.Count(2, qspinlock.NewCrowdedLock)
	explored := func(t *testing.T, e engine, f *forest, want Kind) *outcome {
		t.Helper()
		out, limits := &outcome{}, defaultLimits()
		limits.want = want
		if err := e.explore(context.Background(), f, limits, out); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d executions, %d blocked, %d steps", out.complete, out.blocked, out.steps)
		return out
	}
	t.Run("sc", func(t *testing.T) {
		if out := explored(t, new(dpor), mustForest(t, crowded), ""); out.fail != nil || len(out.bounds) > 0 || out.complete != 398 {
			t.Errorf("%d executions, bounds %v, %v; want 398", out.complete, out.bounds, out.fail)
		}
	})
	// The store to prev->next depends on xchg_tail, though after trylock has seen the tail xchg_tail finds no other one.
	t.Run("lkmm", func(t *testing.T) {
		if out := explored(t, new(revisit), mustForest(t, crowded), ""); out.fail != nil || len(out.bounds) > 0 || out.complete != 178 {
			t.Errorf("%d executions, bounds %v, %v; want 178", out.complete, out.bounds, out.fail)
		}
	})
	f := mustForest(t, crowded)
	if out := explored(t, new(dpor), f, ""); out.fail != nil {
		t.Fatal(out.fail)
	}
	changes := f.changes()
	for what, kind := range map[string]Kind{"smp_wmb()": "", "the order of smp_cond_load_acquire(qspinlock)": Invariant,
		"the order of smp_cond_load_acquire(mcs_node0.locked)": Invariant} {
		t.Run("without "+what, func(t *testing.T) {
			weak := mustForest(t, crowded)
			for i := range changes {
				if changes[i].reason.What == what { // the last one: that of the queue
					weak.change = &changes[i]
				}
			}
			if err := weak.replant(); err != nil {
				t.Fatal(err)
			}
			if out := explored(t, new(revisit), weak, kind); out.fail == nil || out.weak.overtaking {
				t.Errorf("in %d executions fails %v", out.complete, out.fail)
			}
		})
	}
}
