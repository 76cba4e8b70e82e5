package explore

import (
	"fmt"
	"io"
	"math"
	"runtime/metrics"
	"time"
)

// A gauge watches an exploration from outside: the memory that it takes, how far it has come, and how far it has to go. It looks
// when the engine calls outcome.progress, at most so often.
type gauge struct {
	start, looked, told time.Time
	peak                uint64 // bytes of objects on the heap
	tell                func(line string)
}

const (
	lookAtHeap = 10 * time.Millisecond
	tellEvery  = time.Second
)

func newGauge(name string, to io.Writer) *gauge {
	now := time.Now()
	g := &gauge{start: now, told: now}
	if to != nil {
		g.tell = func(line string) { fmt.Fprintf(to, "sim: %s: %s\n", name, line) }
	}
	g.measure()
	return g
}

// look is outcome.progress.
func (g *gauge) look(o *outcome) {
	now := time.Now()
	if now.Sub(g.looked) < lookAtHeap {
		return
	}
	g.looked = now
	g.measure()
	if g.tell != nil && now.Sub(g.told) >= tellEvery {
		g.told = now
		g.tell(progressLine(o, now.Sub(g.start), g.peak))
	}
}

// measure looks at the heap. What is garbage and not collected yet counts as well.
func (g *gauge) measure() {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() == metrics.KindUint64 {
		g.peak = max(g.peak, sample[0].Value.Uint64())
	}
}

// progressLine says how far an exploration has come.
func progressLine(o *outcome, elapsed time.Duration, peak uint64) string {
	rate := float64(o.complete) / elapsed.Seconds()
	line := fmt.Sprintf("%s executions, %s/s, peak %s", count(o.complete), count(int(rate)), megabytes(peak))
	if o.whole > float64(o.complete) {
		line += fmt.Sprintf("; of some %s, %s left", roughly(o.whole), o.left(elapsed))
	}
	return line
}

// left tells how long the rest of an exploration takes, if it is as fast as what was covered.
func (o *outcome) left(elapsed time.Duration) time.Duration {
	rest := elapsed.Seconds() * max(0, o.whole/float64(max(1, o.complete))-1)
	return time.Duration(min(rest, math.MaxInt32) * float64(time.Second)).Round(time.Second)
}

// roughly writes a number with two digits that count.
func roughly(n float64) string {
	if n < 100 {
		return fmt.Sprintf("%.0f", n)
	}
	unit := math.Pow(10, math.Floor(math.Log10(n))-1)
	if n = math.Round(n/unit) * unit; n < 1e12 {
		return count(int(n))
	}
	return fmt.Sprintf("%.1e", n)
}

func megabytes(bytes uint64) string { return fmt.Sprintf("%.0f MB", math.Ceil(float64(bytes)/1e6)) }

// levels are the branches on the way to where an exploration is: at each, how many alternatives there are and how many are done.
type levels []level

type level struct{ done, all int32 }
