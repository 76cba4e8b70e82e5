package explore

import (
	"context"
	"strings"
	"testing"
	"time"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/mcs"
	"github.com/mmvet/mmvet/testdata/structures/scenario"
	"github.com/mmvet/mmvet/testdata/structures/treiber"
	"github.com/mmvet/mmvet/testdata/structures/ttas"
)

// TestEstimate: an estimate has the order of magnitude of the number of executions.
func TestEstimate(t *testing.T) {
	for name, setup := range map[string]func(*Kernel){
		"increments-6": scenario.Increments(6), "ttas-4": scenario.Count(4, scenario.Shared(ttas.NewLock)),
		"mcs-3": scenario.Count(3, mcs.NewLock), "treiber-3": scenario.PushPop(3, treiber.NewStack),
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
	if err := new(dpor).explore(context.Background(), mustForest(t, scenario.Increments(8)), defaultLimits(), out); err != nil {
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
