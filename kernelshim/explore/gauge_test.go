package explore

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	. "github.com/mmvet/mmvet/kernelshim"
)

// TestEstimate: an estimate has the order of magnitude of the number of executions.
func TestEstimate(t *testing.T) {
	for name, setup := range map[string]func(*Kernel){
		"increments-6": increments(6), "ttas-relaxed-4": ttas(4, true), "mcs-3": mcs(3), "treiber-2": treiber(2, false),
	} {
		t.Run(name, func(t *testing.T) {
			f, out := mustForest(t, setup), &outcome{}
			v := new(revisit)
			if err := v.explore(context.Background(), f, defaultLimits(), out); err != nil {
				t.Fatal(err)
			}
			if n := v.wholeTree(); n < float64(out.complete)/10 || n > 10*float64(out.complete) {
				t.Errorf("some %.0f, there are %d", n, out.complete)
			}
		})
	}
}

// TestEstimateOfInterleavings: early on, and while it goes.
func TestEstimateOfInterleavings(t *testing.T) {
	const whole = 40320
	next := 1
	out := &outcome{progress: func(o *outcome) {
		if o.complete < next*whole/10 {
			return
		}
		if next++; o.whole < whole/3 || o.whole > whole*3 {
			t.Errorf("after %d executions, of some %.0f; there are %d", o.complete, o.whole, whole)
		}
	}}
	if err := new(dpor).explore(context.Background(), mustForest(t, increments(8)), defaultLimits(), out); err != nil {
		t.Fatal(err)
	}
	if next < 9 {
		t.Error("looked too rarely")
	}
}

func TestProgressLine(t *testing.T) {
	o := &outcome{complete: 12345, whole: 49380}
	want := "12,345 executions, 1,234/s, peak 4 MB; of some 49,000, 30s left"
	if got := progressLine(o, 10*time.Second, 3_100_000); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	o.whole = 0
	if got := progressLine(o, 10*time.Second, 3_100_000); strings.Contains(got, "left") {
		t.Errorf("%s, of an exploration whose size is not known", got)
	}
}

// BenchmarkPeak measures the heap of long explorations: it must not grow with their length.
func BenchmarkPeak(b *testing.B) {
	for name, e := range map[string]func() engine{"revisiting": func() engine { return new(revisit) },
		"interleaving": func() engine { return new(dpor) }} {
		for _, executions := range []int{1_000_000, 10_000_000} {
			b.Run(fmt.Sprint(name, "-", executions), func(b *testing.B) {
				var peak uint64
				for b.Loop() {
					runtime.GC()
					g := newGauge(name, nil)
					g.peak = 0
					limits := defaultLimits()
					limits.Executions = executions
					out := &outcome{progress: g.look}
					if err := e().explore(context.Background(), mustForest(b, increments(11)), limits, out); err != nil {
						b.Fatal(err)
					}
					if out.complete < executions {
						b.Fatal(out.complete)
					}
					peak = g.peak
				}
				b.ReportMetric(float64(peak)/1e6, "peak-MB")
			})
		}
	}
}
