package explore

import (
	"context"
	"slices"
	"syscall"
	"testing"
	"time"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/memorder"
)

// TestRevisitCounts pins how many executions revisits explore, next to what GenMC 0.9 reports under RC11 for its version of
// the structure. blocked are those in which a task waits for what has changed meanwhile, or for ever.
//
// Treiber's stack has fewer than GenMC's 20 and 2,640: of all 46 executions of two tasks 10 are those in which no attempt fails,
// as TestRelax counts them one by one. An attempt that fails leaves nothing behind but a store to an element that nobody sees
// yet. If only pushes or only pops are tried again there are 22.
func TestRevisitCounts(t *testing.T) {
	for _, test := range []struct {
		name              string
		setup             func(*Kernel)
		complete, blocked int
	}{
		{"increments-5", increments(5), 120, 0}, // GenMC 120
		{"increments-7", increments(7), 5040, 0},
		{"spinlock-5", criticalSections(5), 120, 240},
		{"ticket-lock-2", ticketLock(2), 2, 1}, // GenMC 2 + 1, 6 + 9, 24 + 78, 120 + 744
		{"ticket-lock-3", ticketLock(3), 6, 9},
		{"ticket-lock-4", ticketLock(4), 24, 78},
		{"ticket-lock-5", ticketLock(5), 120, 744},
		{"mcs-2", mcs(2), 6, 3}, // GenMC 6 + 7, 66 + 117
		{"mcs-3", mcs(3), 66, 51},
		{"qspinlock-2", qspinlock(2), 8, 2}, // GenMC 6 + 1, which has no attempts that fail

		// Here GenMC counts no attempts that fail, which it blocks; below every attempt is tried again.
		{"ttas-2", ttas(2, false), 6, 2},    // GenMC 4 + 3
		{"ttas-3", ttas(3, false), 144, 61}, // GenMC 36 + 59
		{"rwlock-2", linuxRwlock(2, true), 222, 58},
		{"treiber-2", treiber(2, false), 46, 0},      // GenMC 20 + 10
		{"michael-scott-2", michaelScott(2), 100, 0}, // GenMC 50 + 128
		{"chase-lev", chaseLev(true), 77, 0},         // GenMC 59, of another size
		{"ttas-relaxed-2", ttas(2, true), 4, 3},      // GenMC 4, 36, 576
		{"ttas-relaxed-3", ttas(3, true), 36, 53},
		{"ttas-relaxed-4", ttas(4, true), 576, 1381},
		{"treiber-relaxed-2", treiber(2, true), 10, 10}, // GenMC 20 + 10, 2640 + 3540: see TestRelax
		{"treiber-relaxed-3", treiber(3, true), 270, 942},
		{"rwlock-attempts-2", linuxRwlock(2, false), 14, 20}, // GenMC 14 + 20, 690 + 2790
		{"rwlock-attempts-3", linuxRwlock(3, false), 690, 2790},
		{"seqlock-1", seqlock(1, true), 10, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			stuck, other := 0, 0
			out := &outcome{failing: func(r *Report) {
				if stuck++; r.Kind != Livelock {
					other++
				}
			}}
			limits := defaultLimits()
			limits.want = "none: go on after every failure"
			if err := new(revisit).explore(context.Background(), mustForest(t, test.setup), limits, out); err != nil {
				t.Fatal(err)
			}
			complete, blocked := out.complete-stuck, out.blocked+stuck
			if complete != test.complete || blocked != test.blocked || out.redundant > 0 || other > 0 {
				t.Errorf("%d executions, %d blocked, %d refused, failure %v; want %d, %d", complete, blocked, out.redundant,
					out.fail, test.complete, test.blocked)
			}
		})
	}
}

// TestStructures finds what breaks structures that lack an order.
func TestStructures(t *testing.T) {
	for name, setup := range map[string]func(*Kernel){
		"chase-lev without fences":      chaseLev(false),
		"seqlock without write barrier": seqlock(2, false),
	} {
		t.Run(name, func(t *testing.T) {
			out := &outcome{}
			if err := new(revisit).explore(context.Background(), mustForest(t, setup), defaultLimits(), out); err != nil {
				t.Fatal(err)
			}
			if out.fail == nil || out.fail.Kind != Invariant {
				t.Errorf("%d executions, failure %v; want one of the invariant", out.complete, out.fail)
			}
		})
	}
}

// TestRevisitAgreesOnStructures compares both engines on what enumeration can do.
func TestRevisitAgreesOnStructures(t *testing.T) {
	for name, setup := range map[string]func(*Kernel){
		"ttas-2": ttas(2, false), "ticket-lock-3": ticketLock(3), "mcs-2": mcs(2), "spinlock-3": criticalSections(3),
		"qspinlock-2": qspinlock(2),
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, ok := agree(t, setup, enumerationEffort/4); !ok {
				t.Skip("enumeration takes too long")
			}
		})
	}
}

// BenchmarkRevisit measures whole explorations, native runs included. cpu-ms/op is processor time, which a busy machine
// distorts less.
func BenchmarkRevisit(b *testing.B) {
	for _, bench := range []struct {
		name  string
		setup func(*Kernel)
	}{
		{"increments-8", increments(8)},
		{"spinlock-6", criticalSections(6)},
		{"ticket-lock-5", ticketLock(5)},
		{"ttas-3", ttas(3, false)},
		{"mcs-3", mcs(3)},
		{"treiber-2", treiber(2, false)},
		{"treiber-3", treiber(3, false)},
		{"treiber-relaxed-3", treiber(3, true)},
		{"michael-scott-2", michaelScott(2)},
		{"chase-lev", chaseLev(true)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var out *outcome
			before := processorTime()
			for b.Loop() {
				f := mustForest(b, bench.setup)
				out = &outcome{}
				if err := new(revisit).explore(context.Background(), f, defaultLimits(), out); err != nil {
					b.Fatal(err)
				}
			}
			if out.fail != nil {
				b.Fatal(out.fail)
			}
			cpu := (processorTime() - before).Seconds() / float64(b.N)
			b.ReportMetric(1000*cpu, "cpu-ms/op")
			b.ReportMetric(float64(out.complete)/cpu, "executions/cpu-s")
			b.ReportMetric(float64(out.complete), "executions")
			b.ReportMetric(float64(out.blocked), "blocked")
		})
	}
}

// processorTime is what this process has used of the processors.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestRelax: CpuRelax leaves out the executions in which an attempt fails, and no others.
func TestRelax(t *testing.T) {
	for name, setup := range map[string]func(relaxed bool) func(*Kernel){
		"ttas-2":    func(relaxed bool) func(*Kernel) { return ttas(2, relaxed) },
		"ttas-3":    func(relaxed bool) func(*Kernel) { return ttas(3, relaxed) },
		"treiber-2": func(relaxed bool) func(*Kernel) { return treiber(2, relaxed) },
	} {
		t.Run(name, func(t *testing.T) {
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
			if err := v.explore(context.Background(), mustForest(t, setup(false)), defaultLimits(), &outcome{}); err != nil {
				t.Fatal(err)
			}
			out := &outcome{}
			if err := new(revisit).explore(context.Background(), mustForest(t, setup(true)), defaultLimits(), out); err != nil {
				t.Fatal(err)
			}
			if out.complete != once {
				t.Errorf("%d executions, want the %d of %d in which no attempt fails", out.complete, once, all)
			}
		})
	}
}
