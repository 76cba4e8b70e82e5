package vettool

import (
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
	defer debug.SetGCPercent(before)
	tuneCollector()
	ballast := make([]byte, 2*headroom) // never written to: it takes addresses, not memory
	for range 100 {
		runtime.GC()
		percent := debug.SetGCPercent(morePercent)
		if percent < 100 {
			runtime.KeepAlive(ballast)
			return
		}
		debug.SetGCPercent(percent)
		time.Sleep(time.Millisecond)
	}
	t.Error("the percentage does not follow what lives")
	runtime.KeepAlive(ballast)
}
