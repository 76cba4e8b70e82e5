// Package pool uses objects after they went back to a sync.Pool.
package pool

import "sync"

type buffer struct {
	mu   sync.Mutex
	data []byte
	next *buffer
}

func (b *buffer) reset()     { b.data = b.data[:0] }
func (b *buffer) size() int  { return len(b.data) }
func (b *buffer) Write() int { return 0 }

var pool = sync.Pool{New: func() any { return new(buffer) }}

func useAfterPut() int {
	b := pool.Get().(*buffer)
	pool.Put(b)
	return b.size() // want `lifetime: b is used after Pool.Put gave it away`
}

func fieldAfterPut() []byte {
	b := pool.Get().(*buffer)
	pool.Put(b)
	return b.data // want `lifetime: b is used after Pool.Put gave it away`
}

func resetAfterPut(b *buffer) {
	pool.Put(b)
	b.reset() // want `lifetime: b is used after Pool.Put gave it away`
	b.reset() // one finding is enough
}

func resetBeforePut(b *buffer) {
	b.reset()
	pool.Put(b)
}

func unlockAfterPut() {
	b := pool.Get().(*buffer)
	b.mu.Lock()
	defer b.mu.Unlock() // want `lifetime: b is used after Pool.Put gave it away`
	pool.Put(b)
}

func unlockBeforePut() {
	b := pool.Get().(*buffer)
	defer pool.Put(b)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reset()
}

func onOnePath(b *buffer, done bool) int {
	if done {
		pool.Put(b)
	}
	return b.size() // want `lifetime: b is used after Pool.Put gave it away on some paths`
}

func onTheOther(b *buffer, done bool) int {
	if done {
		pool.Put(b)
	}
	n := 1
	if !done {
		n = b.size()
	}
	return n
}

func early(b *buffer, done bool) int {
	if done {
		pool.Put(b)
		return 0
	}
	return b.size()
}

// release gives its parameter away: so do its callers.
func release(b *buffer) {
	b.next = nil
	pool.Put(b)
}

func throughHelper(b *buffer) {
	release(b)
	b.data = nil // want `lifetime: b is used after release gave it away`
}

// loop puts each buffer of a list back.
func loop(b *buffer) {
	for b != nil {
		next := b.next
		pool.Put(b)
		b = next
	}
}

func loopWrong(b *buffer) {
	for b != nil {
		pool.Put(b)
		b = b.next // want `lifetime: b is used after Pool.Put gave it away`
	}
}

func again() int {
	b := pool.Get().(*buffer)
	pool.Put(b)
	b = pool.Get().(*buffer)
	return b.size()
}

func compared(b, c *buffer) bool {
	pool.Put(b)
	return b == c
}

// oneOf puts back what it made itself, and uses what it was given.
func oneOf(b *buffer) int {
	own := false
	if b == nil {
		b, own = pool.Get().(*buffer), true
	}
	n := b.size()
	if own {
		pool.Put(b)
	}
	return n
}

type writer interface{ Write() int }

func throughInterface(b *buffer) {
	var w writer = b
	pool.Put(b)
	w.Write() // want `lifetime: (w|b) is used after Pool.Put gave it away`
}
