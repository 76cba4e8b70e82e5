// Package inferred is the input of TestInferred: what functions do that state nothing.
package inferred

import "sync"

type S struct {
	Mu sync.Mutex
	Rw sync.RWMutex
	N  int
}

// Inferred states nothing.
func (s *S) Inferred() { s.Mu.Lock() } // want Inferred:`acquires \*\(#0.Mu\) write`

func (s *S) InferredTry() (int, bool) { // want InferredTry:`acquires \*\(#0.Mu\) write on #result1`
	if s.N > 0 {
		return 0, false
	}
	s.Mu.Lock()
	return s.N, true
}

func (s *S) InferredErr() error { // want InferredErr:`acquires \*\(#0.Rw\) read on !#result0`
	s.Rw.RLock()
	if s.N > 0 {
		s.Rw.RUnlock()
		return errEmpty
	}
	return nil
}

var errEmpty = failure{}

type failure struct{}

func (failure) Error() string { return "" }

// Find returns what it has locked.
func Find(m map[int]*S) *S { // want Find:`acquires \*\(#result0.Mu\) write on #result0`
	s := m[0]
	if s != nil {
		s.Mu.Lock()
	}
	return s
}

// Self is an accessor.
func (s *S) Self() *S { return s } // want Self:`same #result0 == #0`

var Big sync.Mutex

// LockBig takes a lock of the package.
func LockBig() { Big.Lock() } // want LockBig:`acquires \*\(#pkg:.*/inferred.Big\) write`

// Nothing leaves nothing behind.
func (s *S) Nothing() int { // want Nothing:`^excludes \*\(#0.Mu\); takes .*S.Mu$`
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return s.N
}

// Box is generic.
type Box[T any] struct {
	Mu sync.Mutex
	V  T
}

func (b *Box[T]) Inferred() { b.Mu.Lock() } // want Inferred:`acquires`
