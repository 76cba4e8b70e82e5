// want package:`chance.A.mu -> .*chance.B.mu; `

// Package chance is the input of TestChance: cycles of classes that are none of tasks, each beside one that is.
package chance

import "sync"

type gate struct{ sync.Mutex }

type A struct {
	mu sync.Mutex
	b  *B
}

type B struct {
	mu sync.Mutex
	a  *A
}

// Both orders are taken under one lock.
func (a *A) Gated(g *gate) {
	g.Lock()
	defer g.Unlock()
	a.mu.Lock()
	a.b.mu.Lock()
	a.b.mu.Unlock()
	a.mu.Unlock()
}

func (b *B) Gated(g *gate) {
	g.Lock()
	b.gated()
	g.Unlock()
}

// gated is called under the gate only.
func (b *B) gated() {
	b.mu.Lock()
	b.a.mu.Lock()
	b.a.mu.Unlock()
	b.mu.Unlock()
}

type C struct {
	mu sync.Mutex
	d  *D
}

type D struct {
	mu sync.Mutex
	c  *C
}

// One order is taken without the gate.
func (c *C) Gated(g *gate) {
	g.Lock()
	defer g.Unlock()
	c.mu.Lock()
	c.d.mu.Lock() // want `lockcycle: .*chance.C.mu -> .*chance.D.mu -> `
	c.d.mu.Unlock()
	c.mu.Unlock()
}

func (d *D) Free() {
	d.mu.Lock()
	d.c.mu.Lock()
	d.c.mu.Unlock()
	d.mu.Unlock()
}

// A tree is locked inside of a node, and from a node to its parent.
type node struct {
	children sync.Mutex
	self     struct{ mu sync.Mutex }
	parent   *node
}

func (n *node) Within() {
	n.children.Lock()
	n.self.mu.Lock()
	n.self.mu.Unlock()
	n.children.Unlock()
}

func (n *node) Up() {
	n.self.mu.Lock()
	n.parent.children.Lock()
	n.parent.children.Unlock()
	n.self.mu.Unlock()
}

// A flag says whether the callee takes the lock.
type E struct {
	mu sync.Mutex
	f  *F
}

type F struct {
	mu sync.Mutex
	e  *E
}

func (e *E) name(lock bool) {
	if lock {
		e.mu.Lock()
		defer e.mu.Unlock()
	}
}

func (e *E) Own() {
	e.mu.Lock()
	e.f.mu.Lock()
	e.f.mu.Unlock()
	e.mu.Unlock()
}

func (f *F) Flag() {
	f.mu.Lock()
	f.e.name(false)
	f.mu.Unlock()
}

// The callee takes the lock in a rare case only.
type G struct {
	mu   sync.Mutex
	h    *H
	refs int
}

type H struct {
	mu sync.Mutex
	g  *G
}

func (g *G) put() {
	if g.refs--; g.refs == 0 {
		g.mu.Lock()
		g.mu.Unlock()
	}
}

func (g *G) Own() {
	g.mu.Lock()
	g.h.mu.Lock() // want `lockcycle: .*chance.G.mu -> .*chance.H.mu -> `
	g.h.mu.Unlock()
	g.mu.Unlock()
}

func (h *H) Put() {
	h.mu.Lock()
	h.g.put()
	h.mu.Unlock()
}
