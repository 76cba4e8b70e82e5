// Package ordinary reads under gVisor's sequence counts.
package ordinary

import "github.com/mmvet/mmvet/passes/seqretry/testdata/sync"

type clock struct {
	seq  sync.SeqCount
	a, b int
	seen int
	zone *clock
}

var last int

func (c *clock) read() int {
	for {
		epoch := c.seq.BeginRead()
		a, b := c.a, c.b
		if c.seq.ReadOk(epoch) {
			return a + b
		}
	}
}

func (c *clock) readInto(a *int) {
	for {
		epoch := c.seq.BeginRead()
		*a = c.a + c.zone.a
		if c.seq.ReadOk(epoch) {
			return
		}
	}
}

func (c *clock) noRetry() int {
	c.seq.BeginRead()
	return c.a + c.b // want "seqretry: this returns what was read without a second look at c.seq"
}

func (c *clock) ignored() int {
	epoch := c.seq.BeginRead()
	a := c.a
	c.seq.ReadOk(epoch) // want "seqretry: the answer is not used"
	return a
}

func (c *clock) sideEffects(ch chan int, m map[int]int) int {
	for {
		epoch := c.seq.BeginRead()
		a := c.a
		c.seen = a // want "seqretry: shared memory is written before"
		last = a   // want "seqretry: shared memory is written before"
		ch <- a    // want "seqretry: a value is sent before"
		m[a] = 1   // want "seqretry: a map is written before"
		if c.seq.ReadOk(epoch) {
			return a
		}
	}
}

func (c *clock) tryRead() (int, bool) {
	epoch := c.seq.BeginRead()
	a := c.a
	if !c.seq.ReadOk(epoch) {
		return 0, false
	}
	return a, true
}

func (c *clock) write(bad bool) {
	c.seq.BeginWrite() // want "seqretry: the write section is not ended on every path: readers wait for ever"
	c.a, c.b = 1, 2
	if bad {
		return
	}
	c.seq.EndWrite()
}

func (c *clock) writeRight(bad bool) {
	c.seq.BeginWrite()
	defer c.seq.EndWrite()
	if bad {
		return
	}
	c.a, c.b = 1, 2
}

// begin leaves the second look to its caller.
func (c *clock) begin() (sync.SeqCountEpoch, int) { return c.seq.BeginRead(), c.a }
