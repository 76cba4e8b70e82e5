// Package fixgo mixes sync/atomic with plain accesses in ways that mend themselves.
package fixgo

import "sync/atomic"

type counter struct {
	n    int64
	u    uint32
	next *counter
}

var total int64

func (c *counter) add() {
	atomic.AddInt64(&c.n, 1)
	atomic.AddUint32(&c.u, 1)
	atomic.AddInt64(&total, 1)
}

func (c *counter) use() int64 {
	c.n = 0       // want "counter.n is written plainly here .*; use atomic.StoreInt64"
	c.next.n += 2 // want "counter.n is written plainly here .*; use atomic.AddInt64"
	c.n++         // want "counter.n is written plainly here .*; use atomic.AddInt64"
	c.n--         // want "counter.n is written plainly here .*; use atomic.AddInt64"
	c.u--         // want "counter.u is written plainly here and accessed with sync/atomic in fixgo.add .fix.go:16., with no lock that keeps the two apart$"
	if c.u > 3 {  // want "counter.u is read plainly here .*; use atomic.LoadUint32"
		return 0
	}
	if total > 3 { // want "total is read plainly here .*; use atomic.LoadInt64"
		return 1
	}
	return c.n + 1 // want "counter.n is read plainly here .*; use atomic.LoadInt64"
}
