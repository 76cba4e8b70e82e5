package memorder

import "testing"

// ring is LB over n threads with the given fence: n reads that all see the next thread's write.
func ring(n int, fence Tag) *Execution {
	x := NewExecution(n, n)
	for i := range n {
		x.Append(i, Event{Kind: Read, Tag: Once, Loc: i, Value: 1})
		x.Append(i, Event{Kind: Fence, Tag: fence})
		x.Append(i, Event{Kind: Write, Tag: Once, Loc: (i + 1) % n, Value: 1})
		x.Place(ID(i, 1), 0)
	}
	for i := range n {
		x.SetSource(ID(i, 0), ID((i+n-1)%n, 1))
	}
	return x
}

// BenchmarkCheck measures the axioms from scratch.
func BenchmarkCheck(b *testing.B) {
	for _, c := range []struct {
		name  string
		n     int
		fence Tag
	}{{"mb4", 2, Mb}, {"mb16", 8, Mb}, {"mb64", 32, Mb}, {"mb128", 64, Mb}, {"rcu16", 8, SyncRCU}, {"wmb16", 8, Wmb}} {
		b.Run(c.name, func(b *testing.B) {
			x := ring(c.n, c.fence)
			b.ReportAllocs()
			for b.Loop() {
				x.Check()
			}
		})
	}
}

// BenchmarkGrow measures the incremental interface: events appended, linked and undone.
func BenchmarkGrow(b *testing.B) {
	const events = 4
	for _, c := range []struct {
		name string
		step func(x *Execution)
	}{
		{"append", func(*Execution) {}},
		{"coherence", func(x *Execution) { x.CheckCoherence() }},
		{"check", func(x *Execution) { x.Check() }},
	} {
		b.Run(c.name, func(b *testing.B) {
			x := NewExecution(2, 2)
			start := x.Mark()
			b.ReportAllocs()
			for b.Loop() {
				messagePassing(x, Acquire)
				c.step(x)
				x.Undo(start)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
		})
	}
}

// BenchmarkEnumerate measures candidates: sources, orders and the sequential short cut.
func BenchmarkEnumerate(b *testing.B) {
	var n Enumerator
	threads, init := storeBuffering(Mb), make([]uint64, 2)
	b.ReportAllocs()
	for b.Loop() {
		n.Run(threads, init, func(x *Execution) bool {
			x.Permitted(true)
			return true
		})
	}
}

// BenchmarkClose measures the transitive closure, by number of events.
func BenchmarkClose(b *testing.B) {
	for _, c := range []struct {
		name string
		n    int
	}{{"n8", 8}, {"n24", 24}, {"n64", 64}, {"n128", 128}} {
		b.Run(c.name, func(b *testing.B) {
			s := space{c.n, (c.n + 63) / 64}
			from, r := make(rel, c.n*s.w), make(rel, c.n*s.w)
			for i := range c.n - 1 {
				s.link(from, i, i+1)
				s.link(from, i, (i*7+3)%c.n)
			}
			for b.Loop() {
				copy(r, from)
				s.close(r)
			}
		})
	}
}
