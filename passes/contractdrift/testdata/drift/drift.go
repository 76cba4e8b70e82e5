// Package drift is the input of TestDrift: names and comments that disagree with the code, and their mended twins.
package drift

import "sync"

type C struct {
	mu sync.Mutex
	// n is protected by mu.
	n int
	// total is protected by statsMu. // want `contractdrift: the comment names a lock statsMu that does not exist`
	total int
	out   *D
}

type D struct{ mu sync.Mutex }

// prune forgets the rest.
// Lock should be held upon entry.
func (c *C) prune() { // want `contractdrift: prune takes c.mu at drift.go:\d+, which its callers hold, as its comment says`
	c.mu.Lock()
	c.n = 0
	c.mu.Unlock()
}

// pruneFixed takes the lock of c.
func (c *C) pruneFixed() {
	c.mu.Lock()
	c.n = 0
	c.mu.Unlock()
}

func (c *C) resetLocked() { // want `resetLocked takes c.mu at drift.go:\d+, which its callers hold, as its name says`
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n = 0
}

// moveLocked drops the lock for a while.
func (c *C) moveLocked() {
	c.mu.Unlock()
	c.n++
	c.mu.Lock()
}

// c.mu must be held.
func (c *C) add() { c.n++ }

func (c *C) Add() {
	c.mu.Lock()
	c.add()
	c.mu.Unlock()
	c.add() // want `add is called without c.mu, which its callers hold, as its comment says`
}

func (c *C) AddFixed() {
	c.mu.Lock()
	c.add()
	c.add()
	c.mu.Unlock()
}

func (c *C) incLocked() { c.n++ }

func (c *C) Inc() {
	c.mu.Lock()
	c.incLocked()
	c.mu.Unlock()
}

func (c *C) IncLate() {
	c.mu.Lock()
	c.mu.Unlock()
	c.incLocked() // want `incLocked is called without c.mu, which its callers hold, as its name says`
}

// New sets one up that nobody else knows.
func New() *C {
	c := &C{}
	c.incLocked()
	c.mu.Lock()
	c.mu.Unlock()
	return c
}

func (c *C) loneLocked() { c.n++ }

// Lone is the only caller: perhaps the name means another lock.
func (c *C) Lone() {
	c.mu.Lock()
	c.mu.Unlock()
	c.loneLocked()
}

// isLocked tells something else.
func (c *C) isLocked() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n > 0
}

// c.mtx must be held. // want `the comment names a lock c.mtx that does not exist`
func (c *C) misnamed() { c.n++ }

// c.outMu must be held. // want `the comment names a lock c.outMu that does not exist`
func (c *C) misnamedToo() { c.n++ }

// D.mu must be held. The path starts at a type.
func (c *C) typed() { c.n++ }

// mm.MemoryManager.mappingMu must be held: the lock of a package that this one does not import.
func (c *C) foreign() { c.n++ }

// The signal mutex must be held, says prose that names nothing.
func (c *C) prose() { c.n++ }

// quoted speaks of sentences like "d.otherMu must be locked".
func (c *C) quoted() { c.n++ }

// must_hold c.mu is no directive and no prose about a lock.
func (c *C) nothing() {}

type annotated struct {
	mu sync.Mutex
	a  int // checklocks:mu // want `this is prose for every tool; did you mean // \+checklocks\?`
	c  int // +checkloks:mu // want `no tool knows \+checkloks; did you mean checklocks\?`
	d  int //+checklocks:mu // want `no tool reads this; an annotation begins with one space: // \+checklocks`
	e  int // +checklocks:mu
	f  int // mmvet:guarded_by mu // want `a directive has no space behind the slashes; did you mean //mmvet:guarded_by\?`
	g  int //mmvet:guarded_by mu
}
