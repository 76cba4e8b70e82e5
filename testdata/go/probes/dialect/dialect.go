// Package dialect has probes of annotations that were written for gVisor's checklocks, which has no words for some of what code
// does: the bodies say it.
package dialect

import (
	"errors"
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

type timer struct {
	l sync.Locker
	f func()
}

func newTimer(l sync.Locker, f func()) *timer { return &timer{l, f} }

func (t *timer) fire() {
	t.l.Lock()
	defer t.l.Unlock()
	t.f()
}

// handler returns a function that takes the lock of e around f.
func handler(e *node, f func()) func() {
	return func() {
		e.take()
		f()
		e.mu.Unlock()
	}
}

var kept []func()

func keep(f func()) { kept = append(kept, f) }

// +checklocks:e.mu
func (e *node) expired() { e.n++ }

//probe:function-kept-with-its-lock
func Kept(e *node) {
	newTimer(&e.mu, e.expired).fire()
	keep(handler(e, e.expired))
}

//probe:function-kept-without-its-lock
func KeptWrong(e *node) {
	keep(e.expired) // want "lockheld: expired needs"
}

type holes struct {
	mu sync.Mutex
	// +checklocks:mu
	list []*node
	busy bool
}

//probe:contents-of-what-is-loaded-on-request
func (h *holes) Release() {
	for _, x := range h.list { // +checklocksignore
		if x != nil {
			x.busy = false
		}
	}
	h.list = nil // +checklocksignore
}

//probe:contents-of-what-is-loaded
func (h *holes) ReleaseWrong() {
	for i := range h.list { // want "guardedby: reading h.list needs"
		h.list[i] = nil // want "guardedby: writing an element of h.list needs"
	}
}

// drop works on what it alone knows by now.
func (h *holes) drop() {
	h.list = nil // +checklocksignore
}

func (h *holes) clear() { h.list = nil }

//probe:needs-of-a-line-that-is-forced
func Dropped(h *holes) { h.drop() }

//probe:needs-of-a-line
func Cleared(h *holes) {
	h.clear() // want "lockheld: clear needs"
}

// A part is inside of what it knows as its whole.
type part struct {
	mu    sync.Mutex
	n     int
	whole any
}

type file struct{ part part }

// truncate cuts the file.
//
// Preconditions: r.part.mu must be held.
func (r *file) truncate() { r.part.n = 0 }

//probe:lock-of-the-whole
func Truncate(i *part) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch whole := i.whole.(type) {
	case *file:
		whole.truncate()
	}
}

//probe:lock-of-the-whole-missing
func TruncateWrong(i *part) {
	switch whole := i.whole.(type) {
	case *file:
		whole.truncate() // want "lockheld: truncate needs"
	}
}

// prepare fails, or returns with the locks.
//
// +checklocksacquire:from.mu
// +checklocksacquire:to.mu
func prepare(from, to *node) error {
	if from.busy {
		return errBusy // +checklocksignore
	}
	from.mu.Lock()
	if to != nil {
		to.mu.NestedLock(1)
	}
	return nil
}

// exchange ends what prepare began with two.
//
// +checklocksrelease:from.mu
// +checklocksrelease:to.mu
func exchange(from, to *node) {
	to.mu.NestedUnlock(1)
	from.mu.Unlock()
}

var errBusy = errors.New("busy")

//probe:annotated-nil-in-a-variable
func Exchanges(from, other *node, swap bool) error {
	var to *node
	if other != nil {
		to = other
	} else if swap {
		return errBusy
	}
	if err := prepare(from, to); err != nil {
		return err
	}
	if swap {
		exchange(from, to)
		return nil
	}
	commit(from, to)
	return nil
}

//probe:two-locks-that-one-call-takes
func Two(a, b *node) {
	if err := prepare(a, b); err == nil {
		exchange(a, b)
	}
}

// +checklocks:b.mu
//
//probe:unlock-that-is-forced
func HandOut(a, b *node, pick func(a, b *node) *node) {
	a.mu.Lock()
	c := pick(a, b)
	c.mu.Unlock() // +checklocksforce: it is a.
}

// +checklocks:b.mu
//
//probe:unlock-that-is-not-forced
func HandOutWrong(a, b *node, pick func(a, b *node) *node) {
	a.mu.Lock()
	c := pick(a, b)
	c.mu.Unlock() // want "lockbalance: c.mu is released but not held"
} // want "lockbalance: a.mu is still held at the end"

type pairing struct{ e *node }

func keepWith(p *pairing, f func()) { kept = append(kept, f) }

//probe:function-kept-with-another-lock
func KeptWithOther(p *pairing, e *node) {
	keepWith(p, e.expired) // want "lockheld: expired needs"
}
