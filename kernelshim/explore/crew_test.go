package explore

import (
	"context"
	"runtime"
	"slices"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
)

// TestCrew compares several workers with one: as many executions, and the same failure.
func TestCrew(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	for _, test := range []struct {
		name  string
		setup func(*Kernel)
	}{
		{"increments-6", increments(6)},
		{"mcs-3", mcs(3)},
		{"treiber-2", treiber(2, false)},
		{"chase-lev without fences", chaseLev(false)},
		{"seqlock without write barrier", seqlock(1, false)},
		{"race", func(k *Kernel) {
			x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
			for _, name := range []string{"a", "b", "c"} {
				k.Go(name, func() { WriteOnce(x, 1); ReadOnce(y); y.Set(1); ReadOnce(x) })
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			one, many := &outcome{}, &outcome{}
			if err := new(revisit).explore(context.Background(), mustForest(t, test.setup), defaultLimits(), one); err != nil {
				t.Fatal(err)
			}
			v := &revisit{}
			v.begin(context.Background(), mustForest(t, test.setup), defaultLimits(), many)
			v.together()
			if v.err != nil {
				t.Fatal(v.err)
			}
			if (one.fail == nil) != (many.fail == nil) {
				t.Fatalf("failure %v, want %v", many.fail, one.fail)
			}
			if one.fail == nil && (one.complete != many.complete || one.blocked != many.blocked) {
				t.Errorf("%d executions, %d blocked; want %d, %d", many.complete, many.blocked, one.complete, one.blocked)
			}
			if one.fail != nil && !slices.Equal(one.weak.path, many.weak.path) {
				t.Errorf("failure at %v, want %v", many.weak.path, one.weak.path)
			}
		})
	}
}

// BenchmarkCrew measures what a second worker brings: time, and how evenly the work is shared on an idle machine.
func BenchmarkCrew(b *testing.B) {
	for _, bench := range []struct {
		name    string
		workers int
	}{{"workers-1", 1}, {"workers-2", 2}} {
		b.Run(bench.name, func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(bench.workers))
			var out *outcome
			before := processorTime()
			for b.Loop() {
				out = &outcome{}
				if err := new(revisit).explore(context.Background(), mustForest(b, increments(9)), defaultLimits(), out); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(1000*(processorTime()-before).Seconds()/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(out.complete), "executions")
		})
	}
}
