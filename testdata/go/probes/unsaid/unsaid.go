// Package unsaid has probes of what code relies on and does not say beside its locks.
package unsaid

import (
	"sync"
	"testing"
)

type counters struct {
	mu    sync.Mutex
	total map[string]int
}

// requireLen returns only if a is b.
func requireLen(t testing.TB, a, b int) {
	t.Helper()
	if a != b {
		t.Fatalf("want %d, got %d", b, a)
	}
}

// checkLen returns whatever a is.
func checkLen(t testing.TB, a, b int) {
	t.Helper()
	if a != b {
		t.Errorf("want %d, got %d", b, a)
	}
}

//probe:returns-only-if-equal
func RequireLen(t testing.TB, c *counters) int {
	c.mu.Lock()
	if l := len(c.total); l != 1 {
		c.mu.Unlock()
		requireLen(t, l, 1)
	}
	n := c.total["foo"]
	c.mu.Unlock()
	return n
}

//probe:returns-if-not-equal
func CheckLen(t testing.TB, c *counters) int {
	c.mu.Lock()
	if l := len(c.total); l != 1 {
		c.mu.Unlock()
		checkLen(t, l, 1)
	}
	n := c.total["foo"]
	c.mu.Unlock() // want "lockbalance: c.mu is released but not held on some paths"
	return n
}

func requireEqual[T comparable](t testing.TB, a, b T) {
	t.Helper()
	if a != b {
		t.Fatalf("want %v, got %v", b, a)
	}
}

//probe:returns-only-if-equal-variables
func RequireEqual(t testing.TB, c *counters, want int) int {
	c.mu.Lock()
	l := len(c.total)
	if l != want {
		c.mu.Unlock()
		requireEqual(t, want, l)
	}
	n := c.total["foo"]
	c.mu.Unlock()
	return n
}

//probe:returns-only-if-others-are-equal
func RequireOther(t testing.TB, c *counters, want, other int) int {
	c.mu.Lock()
	l := len(c.total)
	if l != want {
		c.mu.Unlock()
		requireEqual(t, other, l)
	}
	n := c.total["foo"]
	c.mu.Unlock() // want "lockbalance: c.mu is released but not held on some paths"
	return n
}
