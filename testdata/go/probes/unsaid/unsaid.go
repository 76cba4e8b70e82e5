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

type file struct {
	mu        sync.RWMutex
	synthetic bool
	kind      int
}

func (f *file) isSynthetic() bool { return f.synthetic && f.kind >= 0 }

const device = 2

//probe:dropped-where-other-property-says-held
func OpenDevice(f *file, open func() error) error {
	if !f.isSynthetic() {
		f.mu.RLock()
		defer f.mu.RUnlock()
	}
	switch f.kind {
	case device: // no device is synthetic
		f.mu.RUnlock()
		err := open()
		f.mu.RLock()
		return err
	}
	return nil
}

//probe:dropped-where-nothing-says-held
func OpenAny(f *file, wait bool, open func() error) error {
	if !f.isSynthetic() {
		f.mu.RLock()
		defer f.mu.RUnlock()
	}
	if wait {
		f.mu.RUnlock() // want "lockbalance: f.mu is released but not held on some paths"
		err := open()
		f.mu.RLock()
		return err // want "lockbalance: f.mu is still held at the end on some paths"
	}
	return nil
}

//probe:dropped-for-good-where-other-property-is-tested
func CloseDevice(f *file, open func() error) error {
	synthetic := f.isSynthetic()
	if !synthetic {
		f.mu.RLock()
	}
	if f.kind == device {
		f.mu.RUnlock() // want "lockbalance: f.mu is released but not held on some paths"
		return open()
	}
	if !synthetic {
		f.mu.RUnlock()
	}
	return nil
}

type node interface {
	// Rename moves a child of the node to another.
	//
	// Precondition: Caller must serialize concurrent calls to Rename.
	Rename(name string, to node) error
	// Swap exchanges two children.
	Swap(name string, with node) error
}

// children is embedded in nodes; it has a part of their methods.
type children struct {
	mu  sync.Mutex
	set map[string]bool
}

func childrenOf(n node) *children {
	c, _ := n.(interface{ children() *children })
	return c.children()
}

//probe:serialized-by-callers
func (c *children) Rename(name string, to node) error {
	other := childrenOf(to)
	c.mu.Lock()
	defer c.mu.Unlock()
	if other != c {
		other.mu.Lock()
		defer other.mu.Unlock()
	}
	delete(c.set, name)
	other.set[name] = true
	return nil
}

type siblings struct {
	mu  sync.Mutex
	set map[string]bool
}

func siblingsOf(n node) *siblings {
	c, _ := n.(interface{ siblings() *siblings })
	return c.siblings()
}

//probe:not-serialized
func (s *siblings) Swap(name string, with node) error {
	other := siblingsOf(with)
	s.mu.Lock()
	defer s.mu.Unlock()
	if other != s {
		other.mu.Lock() // want "lockcycle: two locks of unsaid.siblings.mu are taken and nothing says which is first"
		defer other.mu.Unlock()
	}
	s.set[name], other.set[name] = other.set[name], s.set[name]
	return nil
}

type account struct {
	mu   sync.Mutex
	n    int
	from *account
}

// get returns the number. Lock should be held on entry.
func (a *account) get() int { return a.n }

//probe:presumed-lock-of-the-same-object
func Remap(a *account, to *account) int {
	a.mu.Lock()
	if to == a {
		n := to.get()
		a.mu.Unlock()
		return n
	}
	a.mu.Unlock()
	to.mu.Lock()
	defer to.mu.Unlock()
	return to.get()
}

//probe:presumed-lock-of-another-object
func RemapWrong(a *account, to *account) int {
	a.mu.Lock()
	if to.from == a {
		n := to.get() // want "contractdrift: get is called without to.mu, which its callers hold, as its comment says"
		a.mu.Unlock()
		return n
	}
	a.mu.Unlock()
	to.mu.Lock()
	defer to.mu.Unlock()
	return to.get()
}
