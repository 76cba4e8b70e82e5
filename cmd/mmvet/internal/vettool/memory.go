package vettool

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// One package is analysed and the process ends, so garbage may gather: with Go's default a third of the time goes into
// collecting. Most packages end before they have quiet bytes, and are never collected. But the go command runs as many
// processes as there are processors, and the largest packages decide how much memory a machine must have. So how much
// garbage there may be, relative to what lives, falls from morePercent to lessPercent as what lives outgrows headroom.
const (
	morePercent = 200
	lessPercent = 40
	quiet       = 96 << 20  // bytes
	headroom    = 400 << 20 // bytes; the largest package that is known, nats-server's, has 0.7 GB that live
)

// gcPercent returns the percentage for a heap of which so many bytes live.
func gcPercent(live uint64) int {
	if live == 0 {
		return morePercent
	}
	return int(min(max(headroom*100/live, lessPercent), morePercent))
}

// tuneCollector puts off the first collection, and sets the percentage after each.
func tuneCollector() {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(quiet)
	runtime.SetFinalizer(new(sentinel), (*sentinel).collected)
}

// A sentinel is garbage, so that its finalizer runs at the end of the next collection. It has a field because objects without
// any share one address.
type sentinel struct{ _ *byte }

func (s *sentinel) collected() {
	debug.SetMemoryLimit(math.MaxInt64)
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	if metrics.Read(live); live[0].Value.Kind() == metrics.KindUint64 {
		debug.SetGCPercent(gcPercent(live[0].Value.Uint64()))
	}
	runtime.SetFinalizer(s, (*sentinel).collected)
}
