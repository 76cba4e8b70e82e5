// Package through is the input of TestThrough: locks that are taken again through a callee, and the fixed twins.
package through

import "sync"

type S struct {
	mu sync.Mutex
	rw sync.RWMutex
	n  int
}

func (s *S) inc() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
}

func (s *S) Inc() {
	s.mu.Lock()
	s.inc() // want `lockexcluded: inc must not be called with s.mu held`
	s.mu.Unlock()
}

func (s *S) IncFixed() {
	s.mu.Lock()
	s.n++
	s.mu.Unlock()
	s.inc()
}

func (s *S) one()   { s.two() }
func (s *S) two()   { s.three() }
func (s *S) three() { s.inc() }

func (s *S) FourCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.one() // want `one must not be called with`
}

func (s *S) FourCallsFixed() { s.one() }

func (s *S) get() int {
	s.rw.RLock()
	defer s.rw.RUnlock()
	return s.n
}

func (s *S) RecursiveRead() int {
	s.rw.RLock()
	defer s.rw.RUnlock()
	return s.get() // want `get must not be called with s.rw held`
}

// withFlag takes the lock unless its caller has it.
func (s *S) withFlag(have bool) {
	if !have {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	s.n++
}

func (s *S) Flag() {
	s.mu.Lock()
	s.withFlag(true)
	s.withFlag(false) // want `withFlag must not be called with`
	s.mu.Unlock()
	s.withFlag(false)
}

// relock gives its caller's lock back for a while.
func (s *S) relock() {
	s.mu.Unlock()
	s.inc()
	s.mu.Lock()
}

func (s *S) Relock() {
	s.mu.Lock()
	s.relock()
	s.mu.Unlock()
}

func (s *S) Goroutine() {
	s.mu.Lock()
	go s.inc()
	s.mu.Unlock()
}

func Other(a, b *S) {
	a.mu.Lock()
	b.inc()
	a.inc() // want `inc must not be called with a.mu held`
	a.mu.Unlock()
}

//mmvet:must_not_hold s.mu
func (s *S) stated() {}

func (s *S) Stated() {
	s.mu.Lock()
	s.stated() // want `stated must not be called with`
	s.mu.Unlock()
	s.stated()
}
