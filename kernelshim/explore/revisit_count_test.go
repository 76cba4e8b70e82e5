package explore

import (
	"context"
	"slices"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
	"github.com/mmvet/mmvet/testdata/structures/mcs"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
	"github.com/mmvet/mmvet/testdata/structures/ticketlock"
	"github.com/mmvet/mmvet/testdata/structures/treiber"
	"github.com/mmvet/mmvet/testdata/structures/ttas"
)

// TestRevisitAgreesOnStructures compares both engines on what enumeration can do.
func TestRevisitAgreesOnStructures(t *testing.T) {
	for name, setup := range map[string]func(*Kernel){
		"ttas-2": scenario.Count(2, scenario.Shared(ttas.NewLock)), "ticket-lock-3": scenario.Count(3, scenario.Shared(ticketlock.NewLock)),
		"mcs-2": scenario.Count(2, mcs.NewLock), "spinlock-3": scenario.Count(3, scenario.Spinlocks), "treiber-2": scenario.PushPop(2, treiber.NewStack),
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, ok := agree(t, setup, enumerationEffort/4); !ok {
				t.Skip("enumeration takes too long")
			}
		})
	}
}

// TestRelax: CpuRelax leaves out the executions in which an attempt fails, and no others. How many there are tells why a structure may have
// fewer than GenMC counts, whose attempts that fail are not left out if they have stored something, such as the link of a node that
// nobody sees yet.
func TestRelax(t *testing.T) {
	for _, test := range []struct {
		name      string
		setup     func(*Kernel)
		all, once int
	}{
		{"ttas-2", scenario.Count(2, scenario.Shared(ttas.NewLock)), 6, 4},
		{"ttas-3", scenario.Count(3, scenario.Shared(ttas.NewLock)), 144, 36},
		{"treiber-2", scenario.PushPop(2, treiber.NewStack), 46, 10}, // GenMC 20
	} {
		t.Run(test.name, func(t *testing.T) {
			all, once := 0, 0
			v := &revisit{counted: func(_ *memorder.Execution, chosen []*history) {
				all++
				failed := false
				for _, h := range chosen {
					failed = failed || slices.ContainsFunc(h.steps, func(s taken) bool { return s.how == howFailed })
				}
				if !failed {
					once++
				}
			}}
			if err := v.explore(context.Background(), withoutRelax(t, test.setup), defaultLimits(), &outcome{}); err != nil {
				t.Fatal(err)
			}
			out := &outcome{}
			if err := new(revisit).explore(context.Background(), mustForest(t, test.setup), defaultLimits(), out); err != nil {
				t.Fatal(err)
			}
			if all != test.all || once != test.once || out.complete != once {
				t.Errorf("%d executions, of which %d have no attempt that fails, and with CpuRelax %d; want %d, %d, %d", all, once, out.complete,
					test.all, test.once, test.once)
			}
		})
	}
}

// withoutRelax makes the forest of a scenario whose attempts that fail are executions, too.
func withoutRelax(t *testing.T, setup func(*Kernel)) *forest {
	f := mustForest(t, setup)
	f.change = &change{hits: func(op *machine.Op) bool { return op.Code == machine.Relax }, alter: removed}
	if err := f.replant(); err != nil {
		t.Fatal(err)
	}
	return f
}
