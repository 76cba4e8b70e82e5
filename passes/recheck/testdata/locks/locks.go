// Package locks checks before it locks.
package locks

import "sync"

type conn struct{ id int }

type cache struct {
	mu    sync.RWMutex
	items map[string]*conn
	conn  *conn
	n     int
	limit int
	free  []*conn
}

func dial() *conn { return new(conn) }

// Split looks under the read lock and stores under the write lock, without looking again.
func (c *cache) Split(key string) *conn {
	c.mu.RLock()
	it, ok := c.items[key]
	c.mu.RUnlock()
	if ok {
		return it
	}
	it = dial()
	c.mu.Lock()
	c.items[key] = it // want `recheck: c.items\[key\] is written on the strength of a check before c.mu was given back and taken again`
	c.mu.Unlock()
	return it
}

func (c *cache) SplitRechecked(key string) *conn {
	c.mu.RLock()
	it, ok := c.items[key]
	c.mu.RUnlock()
	if ok {
		return it
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if it, ok := c.items[key]; ok {
		return it
	}
	it = dial()
	c.items[key] = it
	return it
}

// Double is double-checked locking.
func (c *cache) Double() *conn {
	c.mu.RLock()
	it := c.conn
	c.mu.RUnlock()
	if it == nil {
		c.mu.Lock()
		if c.conn == nil {
			c.conn = dial()
		}
		it = c.conn
		c.mu.Unlock()
	}
	return it
}

func (c *cache) Gap() {
	c.mu.Lock()
	if c.conn != nil {
		c.mu.Unlock()
		return
	}
	c.mu.Unlock()
	it := dial()
	c.mu.Lock()
	c.conn = it // want `recheck: c.conn is written on the strength of a check before c.mu was given back and taken again`
	c.mu.Unlock()
}

func (c *cache) GapRechecked() {
	c.mu.Lock()
	if c.conn != nil {
		c.mu.Unlock()
		return
	}
	c.mu.Unlock()
	it := dial()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn != nil {
		return
	}
	c.conn = it
}

// Limit counts beyond the limit if two goroutines come here: that the counter is read to be incremented is no check.
func (c *cache) Limit() bool {
	c.mu.RLock()
	full := c.n >= c.limit
	c.mu.RUnlock()
	if full {
		return false
	}
	c.mu.Lock()
	c.n++ // want `recheck: c.n is written on the strength of a check before c.mu was given back and taken again`
	c.mu.Unlock()
	return true
}

// Unrelated writes what it did not check.
func (c *cache) Unrelated() {
	c.mu.RLock()
	open := c.conn != nil
	c.mu.RUnlock()
	if open {
		c.mu.Lock()
		c.n++
		c.mu.Unlock()
	}
}

// Both ways write: the check decides nothing.
func (c *cache) Both() {
	c.mu.RLock()
	old := c.conn
	c.mu.RUnlock()
	it := dial()
	if old != nil {
		it.id = old.id
	}
	c.mu.Lock()
	c.conn = it
	c.mu.Unlock()
}

// OtherKey writes another element.
func (c *cache) OtherKey(a, b string) {
	c.mu.RLock()
	_, ok := c.items[a]
	c.mu.RUnlock()
	if !ok {
		c.mu.Lock()
		c.items[b] = dial()
		c.mu.Unlock()
	}
}

// Loop starts over with another look.
func (c *cache) Loop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.conn == nil {
		c.mu.Unlock()
		dial()
		c.mu.Lock()
	}
	c.conn = nil
}

func (c *cache) closedLocked() bool { return c.conn == nil }

// Asks looks again by a method.
func (c *cache) Asks() {
	c.mu.RLock()
	open := c.conn != nil
	c.mu.RUnlock()
	if !open {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closedLocked() {
		return
	}
	c.conn = nil
}

// New checks what nobody else sees.
func New() *cache {
	c := &cache{}
	c.mu.RLock()
	none := c.conn == nil
	c.mu.RUnlock()
	if none {
		c.mu.Lock()
		c.conn = dial()
		c.mu.Unlock()
	}
	return c
}

var (
	mu     sync.Mutex
	global *conn
)

func Global() {
	mu.Lock()
	none := global == nil
	mu.Unlock()
	if none {
		it := dial()
		mu.Lock()
		global = it // want `recheck: global is written on the strength of a check before mu was given back and taken again`
		mu.Unlock()
	}
}

type lazy struct {
	mu   sync.Mutex
	conn *conn
	n    int
	done bool
}

// Unlocked checks without the lock what all others use with it.
func (l *lazy) Unlocked() *conn {
	if l.conn == nil {
		l.mu.Lock()
		l.conn = dial() // want `recheck: l.conn is written on the strength of a check before l.mu was taken`
		l.mu.Unlock()
	}
	return nil
}

func (l *lazy) UnlockedRechecked() {
	if l.conn == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.conn == nil {
			l.conn = dial()
		}
	}
}

func (l *lazy) A() int { l.mu.Lock(); defer l.mu.Unlock(); return l.conn.id }
func (l *lazy) B()     { l.mu.Lock(); defer l.mu.Unlock(); l.conn = nil }
func (l *lazy) C()     { l.mu.Lock(); defer l.mu.Unlock(); l.conn.id++ }

// Single is used by one goroutine without the lock: nothing says that the lock is for it.
func (l *lazy) Single() {
	if l.n == 0 {
		l.mu.Lock()
		l.n = 1
		l.mu.Unlock()
	}
}

// Claim tells others by another field that it is at work.
func (c *cache) Claim() {
	c.mu.Lock()
	if c.conn != nil || c.n > 0 {
		c.mu.Unlock()
		return
	}
	c.n = 1
	c.mu.Unlock()
	it := dial()
	c.mu.Lock()
	c.conn = it
	c.mu.Unlock()
}

type flags struct {
	outer sync.Mutex
	mu    sync.Mutex
	dirty bool
	conn  *conn
}

// Clear clears a flag whatever it is.
func (f *flags) Clear() {
	f.mu.Lock()
	dirty := f.dirty
	f.mu.Unlock()
	if dirty {
		dial()
		f.mu.Lock()
		f.dirty = false
		f.mu.Unlock()
	}
}

// Serialized holds another lock all the time.
func (f *flags) Serialized() {
	f.outer.Lock()
	defer f.outer.Unlock()
	f.mu.Lock()
	none := f.conn == nil
	f.mu.Unlock()
	if none {
		f.mu.Lock()
		f.conn = dial()
		f.mu.Unlock()
	}
}

// Take takes the connection twice if two goroutines come here.
func (f *flags) Take() {
	f.mu.Lock()
	it := f.conn
	f.mu.Unlock()
	if it != nil {
		it.id = 0
		f.mu.Lock()
		f.conn = nil // want `recheck: f.conn is written on the strength of a check before f.mu was given back and taken again`
		f.mu.Unlock()
	}
}

// Each goes over what was there; that it was there decides nothing.
func (c *cache) Each() {
	c.mu.RLock()
	free := c.free
	c.mu.RUnlock()
	for _, it := range free {
		it.id = 0
	}
	c.mu.Lock()
	c.free = nil
	c.mu.Unlock()
}

// A store that a map caches the answers of.
type store struct {
	mu    sync.RWMutex
	tx    txn
	known map[string]*conn
}

type txn interface{ lookup(string) *conn }

// Cached asks the transaction under the lock: who asked before got the same answer.
func (s *store) Cached(key string) *conn {
	s.mu.RLock()
	it, ok := s.known[key]
	s.mu.RUnlock()
	if !ok {
		s.mu.Lock()
		it = s.tx.lookup(key)
		s.known[key] = it
		s.mu.Unlock()
	}
	return it
}

// Uncached asks before it has the lock: the transaction may be another one by then.
func (s *store) Uncached(key string) *conn {
	s.mu.RLock()
	it, ok := s.known[key]
	tx := s.tx
	s.mu.RUnlock()
	if !ok {
		it = tx.lookup(key)
		s.mu.Lock()
		s.known[key] = it // want `recheck: s.known\[key\] is written on the strength of a check before s.mu was given back and taken again`
		s.mu.Unlock()
	}
	return it
}

// Made makes a new one under the lock, each time.
func (s *store) Made(key string) *conn {
	s.mu.RLock()
	it, ok := s.known[key]
	s.mu.RUnlock()
	if !ok {
		s.mu.Lock()
		it = dial()
		s.known[key] = it // want `recheck: s.known\[key\] is written on the strength of a check before s.mu was given back and taken again`
		s.mu.Unlock()
	}
	return it
}
