// want package:`order.A.mu -> .*order.B.mu; `

// Package order is the input of TestOrder: lock orders that contradict each other, and ones that do not.
package order

import "sync"

type A struct {
	mu sync.Mutex
	b  *B
}

type B struct {
	mu sync.Mutex
	a  *A
}

func (a *A) Forward() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.one() // want `lockcycle: locks are taken in a cycle, which can deadlock: order.A.mu -> order.B.mu -> order.A.mu$`
}

func (a *A) one()   { a.two() }
func (a *A) two()   { a.three() }
func (a *A) three() { a.b.lockedInc() }

func (b *B) lockedInc() {
	b.mu.Lock()
	defer b.mu.Unlock()
}

func (b *B) Backward() {
	b.mu.Lock()
	b.a.mu.Lock()
	b.a.mu.Unlock()
	b.mu.Unlock()
}

// C and D have one order.
type C struct{ mu sync.Mutex }

type D struct{ mu sync.RWMutex }

func First(c *C, d *D) {
	c.mu.Lock()
	d.mu.Lock()
	d.mu.Unlock()
	c.mu.Unlock()
}

func Second(c *C, d *D) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d.mu.RLock()
	defer d.mu.RUnlock()
}

// Try does not wait.
func Try(c *C, d *D) {
	d.mu.Lock()
	if c.mu.TryLock() {
		c.mu.Unlock()
	}
	d.mu.Unlock()
}

// TryIn does not either, in a callee.
func TryIn(c *C, d *D) {
	d.mu.Lock()
	try(c)
	d.mu.Unlock()
}

func try(c *C) {
	if c.mu.TryLock() {
		c.mu.Unlock()
	}
}

// Dropped gives the lock back first.
func Dropped(c *C, d *D) {
	d.mu.Lock()
	d.dropped(c)
	d.mu.Unlock()
}

func (d *D) dropped(c *C) {
	d.mu.Unlock()
	c.mu.Lock()
	c.mu.Unlock()
	d.mu.Lock()
}

// New locks what nobody else knows.
func New(d *D) *C {
	c := &C{}
	d.mu.Lock()
	c.mu.Lock()
	c.mu.Unlock()
	d.mu.Unlock()
	return c
}

// Two of a class have no order that could be told.
func Two(a, b *C) {
	a.mu.Lock()
	b.mu.Lock() // want `lockcycle: two locks of .*order.C.mu are taken and nothing says which is first`
	b.mu.Unlock()
	a.mu.Unlock()
}

// Sorted takes two of a class by their number.
func Sorted(a, b *E) {
	if a.id > b.id {
		a, b = b, a
	}
	a.mu.Lock()
	b.mu.Lock()
	b.mu.Unlock()
	a.mu.Unlock()
}

// Cases takes them by their number too.
func Cases(a, b *E) {
	if a.id < b.id {
		a.mu.Lock()
		b.mu.Lock()
	} else {
		b.mu.Lock()
		a.mu.Lock()
	}
	b.mu.Unlock()
	a.mu.Unlock()
}

// Child goes down a tree.
func Child(e *E) {
	e.mu.Lock()
	e.child.mu.Lock()
	e.child.mu.Unlock()
	e.mu.Unlock()
}

type E struct {
	mu    sync.Mutex
	id    int
	child *E
}

type anon struct {
	x struct{ sync.Mutex }
	y struct{ sync.RWMutex }
}

var table = map[string]*anon{}

func Anonymous(k string) {
	t := table[k]
	t.x.Lock()
	t.y.RLock() // want `lockcycle: .*order.anon.x.Mutex -> .*order.anon.y.RWMutex -> `
	t.y.RUnlock()
	t.x.Unlock()
}

func Suomynona(k string) {
	t := table[k]
	t.y.RLock()
	t.x.Lock()
	t.x.Unlock()
	t.y.RUnlock()
}

var left, right sync.Mutex

func Deferred() {
	left.Lock()
	defer left.Unlock()
	lock := right.Lock
	lock() // want `lockcycle: .*order.left -> .*order.right -> `
	right.Unlock()
}

func Derrefed() {
	right.Lock()
	defer right.Unlock()
	left.Lock()
	left.Unlock()
}
