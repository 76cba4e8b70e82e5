package vettool

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestGCPercent(t *testing.T) {
	for _, c := range []struct {
		live uint64
		want int
	}{
		{0, morePercent}, {1 << 20, morePercent}, {headroom / 2, morePercent}, {headroom, 100}, {2 * headroom, 50},
		{1 << 40, lessPercent},
	} {
		if got := gcPercent(c.live); got != c.want {
			t.Errorf("gcPercent(%d) = %d, want %d", c.live, got, c.want)
		}
	}
}

// TestTuneCollector lets the collector run with so much alive that the percentage must fall.
func TestTuneCollector(t *testing.T) {
	before := debug.SetGCPercent(100)
	limit := debug.SetMemoryLimit(-1)
	defer func() { debug.SetGCPercent(before); debug.SetMemoryLimit(limit) }()
	tuneCollector()
	if now := debug.SetMemoryLimit(-1); now != quiet {
		t.Errorf("the first collection is at %d bytes, want %d", now, int64(quiet))
	}
	ballast := make([]byte, 2*headroom) // never written to: it takes addresses, not memory
	for range 100 {
		runtime.GC()
		percent := debug.SetGCPercent(morePercent)
		if percent < 100 {
			runtime.KeepAlive(ballast)
			if debug.SetMemoryLimit(-1) != math.MaxInt64 {
				t.Error("after the first collection there still is a limit")
			}
			return
		}
		debug.SetGCPercent(percent)
		time.Sleep(time.Millisecond)
	}
	t.Error("the percentage does not follow what lives")
	runtime.KeepAlive(ballast)
}
