// Package ordered has the fixed twins of package order: the same locks on the same ways, in one order.
package ordered

import "sync"

type A struct {
	mu sync.Mutex
	b  *B
}

type B struct {
	mu sync.Mutex
	a  *A
}

//probe:ab-ba-fixed
func AB(a *A, b *B) {
	a.mu.Lock()
	b.mu.Lock()
	b.mu.Unlock()
	a.mu.Unlock()
}

func BA(a *A, b *B) {
	a.mu.Lock()
	b.mu.Lock()
	b.mu.Unlock()
	a.mu.Unlock()
}

type C struct {
	mu sync.Mutex
	d  *D
}

type D struct {
	mu sync.Mutex
	c  *C
}

//probe:ab-ba-through-four-calls-fixed
func (c *C) Forward() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.one()
}

func (c *C) one()   { c.two() }
func (c *C) two()   { c.three() }
func (c *C) three() { c.d.four() }
func (d *D) four()  { d.mu.Lock(); defer d.mu.Unlock() }

// Backward gives its lock back first.
func (d *D) Backward() {
	d.mu.Lock()
	c := d.c
	d.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
}

type E struct{ mu sync.Mutex }

type F struct{ mu sync.Mutex }

//probe:ab-ba-bound-method-fixed
func Bound(e *E, f *F) {
	e.mu.Lock()
	lock := f.mu.Lock
	lock()
	f.mu.Unlock()
	e.mu.Unlock()
}

func BoundAgain(e *E, f *F) {
	lock := e.mu.Lock
	lock()
	f.mu.Lock()
	f.mu.Unlock()
	e.mu.Unlock()
}

type G struct {
	mu  sync.Mutex
	out sink
}

type sink interface{ put() }

type H struct {
	mu sync.Mutex
	g  *G
}

func (h *H) put() {
	h.mu.Lock()
	h.mu.Unlock()
}

//probe:ab-ba-through-interface-fixed
func (g *G) Emit() {
	g.mu.Lock()
	out := g.out
	g.mu.Unlock()
	out.put()
}

func (h *H) Flush() {
	h.mu.Lock()
	h.g.mu.Lock()
	h.g.mu.Unlock()
	h.mu.Unlock()
}

type table struct {
	mu   sync.Mutex
	rows map[string]*row
}

type row struct {
	mu sync.Mutex
	t  *table
}

//probe:ab-ba-lock-in-map-fixed
func (t *table) Touch(k string) {
	t.mu.Lock()
	r := t.rows[k]
	t.mu.Unlock()
	r.mu.Lock()
	r.mu.Unlock()
}

func (r *row) Drop() {
	r.mu.Lock()
	r.t.mu.Lock()
	r.t.mu.Unlock()
	r.mu.Unlock()
}

type anon struct {
	in struct{ sync.Mutex }
	ex struct {
		mu sync.RWMutex
		n  int
	}
}

//probe:ab-ba-anonymous-structs-fixed
func (x *anon) InEx() {
	x.in.Lock()
	x.ex.mu.RLock()
	x.ex.mu.RUnlock()
	x.in.Unlock()
}

func (x *anon) InExAgain() {
	x.in.Lock()
	x.ex.mu.Lock()
	x.ex.n++
	x.ex.mu.Unlock()
	x.in.Unlock()
}

type K struct{ mu sync.RWMutex }

type L struct{ mu sync.Mutex }

//probe:ab-ba-with-readers-fixed
func KL(k *K, l *L) {
	k.mu.RLock()
	l.mu.Lock()
	l.mu.Unlock()
	k.mu.RUnlock()
}

func LK(k *K, l *L) {
	l.mu.Lock()
	l.mu.Unlock()
	k.mu.RLock()
	k.mu.RUnlock()
}
