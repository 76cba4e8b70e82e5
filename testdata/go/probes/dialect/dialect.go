// Package dialect has probes of annotations that were written for gVisor's checklocks, which has no words for some of what code
// does: the bodies say it.
package dialect

import (
	"runtime"
	"sync"
)

// nodeMutex wraps a lock and knows the levels of a tree.
type nodeMutex struct{ mu sync.Mutex }

func (m *nodeMutex) Lock() { m.mu.Lock() }

func (m *nodeMutex) Unlock() { m.mu.Unlock() }

func (m *nodeMutex) TryLock() bool { return m.mu.TryLock() }

// NestedLock locks m where another lock of the type is held.
func (m *nodeMutex) NestedLock(level int) { m.mu.Lock() }

func (m *nodeMutex) NestedUnlock(level int) { m.mu.Unlock() }

type node struct {
	mu   nodeMutex
	busy bool
	// +checklocks:mu
	n int
	m map[string]int
}

// +checklocksacquire:e.mu
func (e *node) TryLock() bool {
	return e.mu.TryLock() // +checklocksforce: TryLock.
}

// take spins for a while.
//
// +checklocksacquire:e.mu
func (e *node) take() {
	for range 5 {
		if !e.TryLock() {
			if e.busy {
				e.mu.Lock()
				return
			}
			runtime.Gosched()
			continue
		}
		return
	}
	e.mu.Lock()
}

//probe:annotated-trylock
func Spin(e *node) {
	e.take()
	e.n++
	e.mu.Unlock()
}

//probe:annotated-trylock-not-taken
func SpinWrong(e *node) {
	if e.TryLock() {
		e.mu.Unlock()
	} else {
		e.n++ // want "guardedby: writing e.n needs"
	}
}

// isLocked tells checklocks that two names are those of one node.
//
// +checklocks:locked.mu
// +checklocksacquire:e.mu
func (e *node) isLocked(locked *node) {
	if e != locked {
		panic("another")
	}
}

//probe:annotation-renames-a-lock
func Renamed(e *node) {
	e.mu.Lock()
	e.isLocked(e)
	e.n++
	e.mu.Unlock()
}

//probe:annotation-renames-what-is-not-held
func RenamedWrong(e *node) {
	e.isLocked(e) // want "lockheld: isLocked needs"
	e.mu.Unlock()
}

// refill drops the lock while it works, of which the annotation cannot speak.
//
// +checklocks:e.mu
func (e *node) refill() {
	e.mu.Unlock()
	defer e.mu.Lock()
	runtime.Gosched()
}

//probe:annotated-drop
func Drops(e *node, k string) {
	e.mu.Lock()
	if _, ok := e.m[k]; !ok {
		e.refill()
		if _, ok := e.m[k]; !ok {
			e.m[k] = 1
		}
	}
	e.mu.Unlock()
}

//probe:annotated-drop-relied-on
func DropsWrong(e *node, k string) {
	e.mu.Lock()
	if _, ok := e.m[k]; !ok {
		e.refill()
		e.m[k] = 1 // want "droppedlock: e.m.k. is written on the strength of a check before refill dropped e.mu"
	}
	e.mu.Unlock()
}

// pair returns with the locks of two nodes, or of one.
//
// +checklocksacquire:first.mu
// +checklocksacquire:second.mu
func pair(a, b *node, low bool) (x, y, first, second *node) {
	switch {
	case a == b:
		a.mu.Lock()
		return a, b, a, nil // +checklocksforce
	case low:
		a.mu.Lock()
		b.mu.NestedLock(1)
		return a, b, a, b
	default:
		b.mu.Lock()
		a.mu.NestedLock(1)
		return a, b, b, a
	}
}

// +checklocksrelease:first.mu
// +checklocksrelease:second.mu
func unpair(first, second *node) {
	if second != nil {
		second.mu.NestedUnlock(1)
	}
	first.mu.Unlock()
}

//probe:annotated-pair
func Both(a, b *node) {
	x, y, first, second := pair(a, b, true)
	defer unpair(first, second)
	x.n++
	y.n++
}

//probe:annotated-pair-given-back
func BothWrong(a, b *node) {
	x, _, first, second := pair(a, b, true)
	unpair(first, second)
	x.n++ // want "guardedby: writing x.n needs"
}

//probe:nested-lock-of-a-class
func Levels(a, b *node) {
	a.mu.Lock()
	b.mu.NestedLock(1)
	a.n++
	b.n--
	b.mu.NestedUnlock(1)
	a.mu.Unlock()
}

//probe:two-locks-of-a-class
func Peers(a, b *node) {
	a.mu.Lock()
	b.mu.Lock() // want "lockcycle: two locks of .*node.mu are taken and nothing says which is first"
	a.n++
	b.n--
	b.mu.Unlock()
	a.mu.Unlock()
}

// +checklocksacquire:from.mu
// +checklocksacquire:to.mu
func begin(from, to *node) {
	from.mu.Lock()
	if to != nil {
		to.mu.NestedLock(1)
	}
}

// +checklocksrelease:from.mu
// +checklocksrelease:to.mu
func commit(from, to *node) {
	if to != nil {
		to.mu.NestedUnlock(1)
	}
	from.mu.Unlock()
}

type root struct{ top, next node }

//probe:annotated-nil
func Commits(r *root, both bool) {
	if both {
		begin(&r.top, &r.next)
		r.top.n++
		r.next.n++
		commit(&r.top, &r.next)
		return
	}
	begin(&r.top, nil)
	r.top.n++
	commit(&r.top, nil)
}

//probe:annotated-nil-given-back
func CommitsWrong(r *root) {
	begin(&r.top, &r.next)
	commit(&r.top, &r.next)
	r.next.n++ // want "guardedby: writing r.next.n needs"
}

// An impl is a node as others see it.
type impl interface{ name() string }

func (e *node) name() string { return "" }

//probe:lock-behind-a-type-assertion
func Asserted(i, j impl) {
	from, to := i.(*node), j.(*node)
	from.mu.Lock()
	defer from.mu.Unlock()
	if from != to {
		to.mu.NestedLock(1)
		defer to.mu.NestedUnlock(1)
	}
	from.n--
	to.n++
}

//probe:lock-behind-a-type-assertion-missing
func AssertedWrong(i, j impl) {
	from, to := i.(*node), j.(*node)
	from.mu.Lock()
	defer from.mu.Unlock()
	from.n--
	to.n++ // want "guardedby: writing j.n needs"
}
