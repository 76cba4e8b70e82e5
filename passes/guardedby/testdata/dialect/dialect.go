// Package dialect is the input of TestDialect: annotations and comments of gVisor.
package dialect

import "sync"

type S struct {
	mu sync.RWMutex
	// n is a number.
	//
	// +checklocks:mu
	n int

	// +checklocks:mu
	a, b int
	c    int
}

// +checklocks:s.mu
func (s *S) locked() { s.n++ }

// +checklocksread:s.mu
func (s *S) shared() int {
	s.n++ // want `writing s.n needs .*held for reading`
	return s.n
}

// +checklocksacquire:s.mu
func (s *S) lock() { s.mu.Lock() }

// +checklocksrelease:s.mu
func (s *S) unlock() { s.mu.Unlock() }

func (s *S) Use() {
	s.lock()
	s.n++
	s.locked()
	s.unlock()
	s.n++ // want `writing s.n needs`
	s.b++ // want `writing s.b needs`
	s.c++
	s.n++ // +checklocksforce: nobody else is there
}

// +checklocksignore
func (s *S) Ignored() { s.n++ }

// Preconditions: s.mu must be locked for writing.
func (s *S) Pre() { s.n++ }

// PreRead reads.
//
// Preconditions:
//   - s.mu must be locked for reading.
//   - The caller is in a good mood.
func (s *S) PreRead() int {
	s.n++ // want `writing s.n needs .*held for reading`
	return s.n
}

// Conditional is left to its readers.
//
// Preconditions: s.mu must be locked if c is set.
func (s *S) Conditional(c bool) {
	s.n++ // want `writing s.n needs`
}

// Preconditions: s.mu must be locked for writing.
//
// Postconditions: s.mu will be unlocked.
func (s *S) unlockAfter() {
	s.n++
	s.mu.Unlock()
}

func (s *S) CallsUnlockAfter() {
	s.mu.Lock()
	s.unlockAfter()
	s.n++ // want `writing s.n needs`
}

// wrapMutex is a lock by its name and methods; nobody looks inside.
type wrapMutex struct {
	m  sync.RWMutex
	by string
}

func (w *wrapMutex) Lock() {
	w.m.Lock()
	w.by = "writer"
}
func (w *wrapMutex) Unlock()        { w.m.Unlock() }
func (w *wrapMutex) RLock()         { w.m.RLock() }
func (w *wrapMutex) RUnlock()       { w.m.RUnlock() }
func (w *wrapMutex) DowngradeLock() { w.m.Unlock(); w.m.RLock() }

type W struct {
	mu wrapMutex
	// +checklocks:mu
	n int
}

func (w *W) Use() {
	w.mu.Lock()
	w.n++
	w.locked()
	w.mu.DowngradeLock()
	w.n++ // want `writing w.n needs w.mu held for writing \(it is held for reading\)`
	w.mu.RUnlock()
	_ = w.n // want `reading w.n needs w.mu held`
}

// Preconditions: w.mu must be locked.
func (w *W) locked() int { return w.n }

type endpoint struct {
	mu sync.Mutex
	// +checklocks:mu
	n   int
	snd *sender
}

type sender struct{ ep *endpoint }

// +checklocks:s.ep.mu
func (s *sender) send() { s.ep.n++ }

// +checklocks:e.mu
// +checklocksalias:e.snd.ep.mu=e.mu
func (e *endpoint) aliased() { e.snd.send() }

// +checklocks:e.mu
func (e *endpoint) twoPaths() {
	e.n++
	e.snd.ep.n++ // want `writing e.snd.ep.n needs`
}
