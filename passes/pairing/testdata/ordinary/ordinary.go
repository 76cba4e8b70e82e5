// Package ordinary mixes sync/atomic with plain accesses.
package ordinary

import (
	"sync"
	"sync/atomic"
)

type stats struct {
	mu     sync.Mutex
	n      int64
	hits   uint32
	locked int64
	wide   int64
	typed  atomic.Int64
	mode   int32
	read   int32
}

var total int64

func newStats() *stats {
	s := &stats{n: 1}
	s.hits = 2 // nobody else knows it
	return s
}

func (s *stats) add() {
	atomic.AddInt64(&s.n, 1)
	atomic.AddUint32(&s.hits, 1)
	atomic.AddInt64(&total, 1)
	s.typed.Add(1)
}

func (s *stats) sum() int64 {
	return s.n + s.typed.Load() // want "pairing: stats.n is read plainly here and accessed with sync/atomic in ordinary.add"
}

func (s *stats) reset() {
	s.hits = 0 // want "pairing: stats.hits is written plainly here and accessed with sync/atomic"
	total = 0  // want "pairing: total is written plainly here"
}

func (s *stats) right() int64 { return atomic.LoadInt64(&s.n) + atomic.LoadInt64(&total) }

// locked is written under the lock, atomically for those who read without it.

func (s *stats) setLocked() {
	s.mu.Lock()
	atomic.StoreInt64(&s.locked, s.locked+1) // reading it under the lock is right
	s.mu.Unlock()
}

func (s *stats) getLocked() int64 { return atomic.LoadInt64(&s.locked) }

// wide is read plainly under the lock, but written without it.

func (s *stats) setWide() { atomic.StoreInt64(&s.wide, 1) }

func (s *stats) getWide() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wide // want "pairing: stats.wide is read plainly here"
}

// Helpers are called under the lock.

func (s *stats) setMode() {
	s.mu.Lock()
	s.switchMode(1)
	s.mu.Unlock()
}

func (s *stats) clearMode() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switchMode(0)
}

func (s *stats) switchMode(m int32) {
	if s.mode != m {
		atomic.StoreInt32(&s.mode, m)
	}
}

// What is only loaded atomically, and never written but by its maker, may be read either way.

func makeRead() *stats {
	s := &stats{}
	s.fill()
	return s
}

func (s *stats) fill() { s.read = 1 } // called on new objects only

func (s *stats) loadRead() int32 { return atomic.LoadInt32(&s.read) + s.read }

// A value that is handed over is a copy, which nobody else knows until its address gets out; what a pointer in it leads to is
// shared all the same.

type view struct {
	fault uint64
	of    *view
}

func (v *view) touch() { atomic.StoreUint64(&v.fault, 1) }

func merge(a, b view) (view, bool) {
	if a.fault == 0 {
		a.fault = b.fault
	}
	return a, true
}

func mergeShared(a, b *view) {
	if a.fault == 0 { // want "pairing: view.fault is read plainly here"
		a.fault = b.fault // want "pairing: view.fault is written plainly here" "pairing: view.fault is read plainly here"
	}
}

func mergeBehind(a view) uint64 {
	return a.of.fault // want "pairing: view.fault is read plainly here"
}

func mergeLater(a view, later chan *view) {
	later <- &a
	a.fault = 2 // want "pairing: view.fault is written plainly here"
}

// What is racy says so, and what sets an object up is named Init.

type gauge struct{ v int64 }

// Init sets the gauge up, before others know it.
func (g *gauge) Init(v int64) { g.v = v }

func (g *gauge) load() int64 { return atomic.LoadInt64(&g.v) }

func (g *gauge) add() { atomic.AddInt64(&g.v, 1) }

// racyLoad reads it without synchronization.
func (g *gauge) racyLoad() int64 { return g.v }

// peek reads it at once.
func (g *gauge) peek() int64 {
	return g.v // want "pairing: gauge.v is read plainly here"
}

// Reinit sets it back.
func (g *gauge) Reinit() {
	g.v = 0 // want "pairing: gauge.v is written plainly here"
}
