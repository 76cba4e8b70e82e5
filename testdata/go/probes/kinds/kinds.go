// Package kinds has probes of kinds of types: generic ones, atomics, wrappers of locks, and structs that are guarded as a whole.
package kinds

import (
	"sync"
	"sync/atomic"
)

type cache[K comparable, V any] struct {
	mu sync.RWMutex
	m  map[K]V //mmvet:guarded_by mu
}

//mmvet:must_hold c.mu
func (c *cache[K, V]) putLocked(k K, v V) { c.m[k] = v }

//probe:generic-method
func (c *cache[K, V]) Put(k K, v V) {
	c.putLocked(k, v) // want "lockheld: putLocked needs c.mu held for writing"
	c.mu.RLock()
	c.m[k] = v // want "guardedby: writing an element of c.m needs"
	c.mu.RUnlock()
}

//probe:generic-method-locked
func (c *cache[K, V]) PutFixed(k K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.putLocked(k, v)
	c.m[k] = v
}

//probe:generic-instance
func Instance(c *cache[string, int]) {
	c.putLocked("a", 1) // want "lockheld: putLocked needs c.mu held for writing"
}

// with runs f with the lock held.
func with[L sync.Locker](l L, f func()) {
	l.Lock()
	defer l.Unlock()
	f()
}

//probe:generic-function-over-lockers
func Over(c *cache[string, int]) {
	with(&c.mu, func() { c.m["a"] = 1 })
}

type flags struct {
	mu   sync.Mutex
	done atomic.Bool
	n    int //mmvet:guarded_by mu
}

//probe:atomic-field-is-free
func Atomic(f *flags) bool {
	f.done.Store(true)
	return f.done.Load()
}

// whole is guarded as a whole but for one field.
//
//mmvet:guarded_by mu
type whole struct {
	mu    sync.Mutex
	a, b  int
	name  string //mmvet:unguarded it never changes
	ready atomic.Bool
}

//probe:struct-guarded-as-a-whole
func Whole(w *whole) string {
	w.a = 1 // want "guardedby: writing w.a needs"
	w.ready.Store(true)
	return w.name
}

type either struct {
	in, out sync.Mutex
	n       int //mmvet:guarded_by in, out
}

//probe:any-guard-reads
func Reads(e *either) int {
	e.in.Lock()
	defer e.in.Unlock()
	return e.n
}

//probe:all-guards-write
func Writes(e *either) {
	e.in.Lock()
	e.n = 1 // want "guardedby: writing e.n needs e.out held for writing"
	e.out.Lock()
	e.n = 2
	e.out.Unlock()
	e.in.Unlock()
}

// checkedMutex asserts at run time what it can.
type checkedMutex struct{ sync.RWMutex }

// AssertHeld panics unless the lock is held for writing.
func (m *checkedMutex) AssertHeld() {}

// AssertRHeld panics unless the lock is held.
func (m *checkedMutex) AssertRHeld() {}

type asserted struct {
	mu checkedMutex
	n  int
}

func (a *asserted) inc() {
	a.mu.AssertHeld()
	a.n++
}

//probe:assertion-is-a-contract
func Asserts(a *asserted) {
	a.inc() // want "lockheld: inc needs a.mu held for writing"
}

//probe:assertion-in-the-wrong-mode
func AssertsRead(a *asserted) {
	a.mu.RLock()
	a.mu.AssertRHeld()
	a.inc() // want "lockheld: inc needs a.mu held for writing \(it is held for reading\)"
	a.mu.RUnlock()
}

//probe:assertion-met
func AssertsFixed(a *asserted) {
	a.mu.Lock()
	a.inc()
	a.mu.Unlock()
}
