// Package locks drops locks of its callers inside of calls.
package locks

import "sync"

type item struct{ n int }

type cache struct {
	mu    sync.Mutex
	items map[string]*item
	last  *item
	count int
	open  bool
	cond  *sync.Cond
}

func load(string) *item { return new(item) }

// fill is called with mu held and drops it around the slow part.
func (c *cache) fill(key string) *item {
	c.mu.Unlock()
	it := load(key)
	c.mu.Lock()
	return it
}

func (c *cache) noDrop(key string) *item { return load(key) }

// Stale stores what it found missing before fill dropped the lock: another goroutine may have stored one meanwhile.
func (c *cache) Stale(key string) *item {
	c.mu.Lock()
	defer c.mu.Unlock()
	if it := c.items[key]; it != nil {
		return it
	}
	it := c.fill(key)
	c.items[key] = it // want `droppedlock: c.items\[key\] is written on the strength of a check before fill dropped c.mu`
	return it
}

func (c *cache) Rechecked(key string) *item {
	c.mu.Lock()
	defer c.mu.Unlock()
	if it := c.items[key]; it != nil {
		return it
	}
	it := c.fill(key)
	if have := c.items[key]; have != nil {
		return have
	}
	c.items[key] = it
	return it
}

func (c *cache) NotDropped(key string) *item {
	c.mu.Lock()
	defer c.mu.Unlock()
	if it := c.items[key]; it != nil {
		return it
	}
	it := c.noDrop(key)
	c.items[key] = it
	return it
}

func (c *cache) Field() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		c.last = c.fill("last") // want `droppedlock: c.last is written on the strength of a check before fill dropped c.mu`
	}
}

func (c *cache) FieldRechecked() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		it := c.fill("last")
		if c.last == nil {
			c.last = it
		}
	}
}

// deep drops the lock through another function.
func (c *cache) deep(key string) *item { return c.fill(key) }

func (c *cache) Deep() {
	c.mu.Lock()
	if c.last == nil {
		c.last = c.deep("last") // want `droppedlock: c.last is written on the strength of a check before deep dropped c.mu`
	}
	c.mu.Unlock()
}

// Other writes another field than the one it checked.
func (c *cache) Other() {
	c.mu.Lock()
	if c.last == nil {
		it := c.fill("last")
		c.count += it.n
	}
	c.mu.Unlock()
}

// Wait waits until there is one, as one must: in a loop.
func (c *cache) Wait() *item {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.last == nil {
		c.cond.Wait()
	}
	it := c.last
	c.last = nil
	return it
}

// WaitIf waits once for the field that it then takes for granted.
func (c *cache) WaitIf() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		c.cond.Wait()
		c.last = new(item) // want `droppedlock: c.last is written on the strength of a check before Cond.Wait dropped c.mu`
	}
}

func newCache() *cache {
	c := &cache{}
	c.cond = sync.NewCond(&c.mu)
	return c
}

// WaitOnce does not look again.
func (c *cache) WaitOnce() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last != nil {
		c.fill("last")
		c.last = nil // want `droppedlock: c.last is written on the strength of a check before fill dropped c.mu`
	}
}

// Retry looks again by starting over.
func (c *cache) Retry() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if c.last != nil {
			return
		}
		if it := c.fill("last"); it.n == 0 {
			continue
		}
		return
	}
}

// declared says that it drops the lock.
//
//mmvet:must_hold c.mu
//mmvet:drops c.mu
func (c *cache) declared() {
	c.mu.Unlock()
	load("slow")
	c.mu.Lock()
}

// undeclared does not.
//
//mmvet:must_hold c.mu
func (c *cache) undeclared() {
	c.mu.Unlock() // want `droppedlock: c.mu is dropped, and undeclared's contract does not say so: callers rely on what they found before the call`
	load("slow")
	c.mu.Lock()
}

// through drops it by a call.
//
//mmvet:must_hold c.mu
func (c *cache) through() {
	c.declared() // want `droppedlock: c.mu is dropped, and through's contract does not say so`
}

func (c *cache) Declared() {
	c.mu.Lock()
	if c.last == nil {
		c.declared()
		c.last = new(item) // want `droppedlock: c.last is written on the strength of a check before declared dropped c.mu`
	}
	c.mu.Unlock()
}
