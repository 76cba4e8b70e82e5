// Package a is the input of TestFacts: what it exports about locks, stated and inferred.
package a

import "sync"

type S struct {
	Mu sync.Mutex
	Rw sync.RWMutex
	N  int
}

// Stated states what it needs.
//
//mmvet:must_hold s.Mu
//mmvet:must_hold_shared s.Rw
func (s *S) Stated() {}

//mmvet:acquires s.Mu
func (s *S) Lock() { s.Mu.Lock() }

//mmvet:releases s.Mu
func (s *S) Unlock() { s.Mu.Unlock() }

//mmvet:cond_acquires true s.Mu
func (s *S) TryLock() bool { return s.Mu.TryLock() }

// Inferred states nothing.
func (s *S) Inferred() { s.Mu.Lock() }

func (s *S) InferredTry() (int, bool) {
	if s.N > 0 {
		return 0, false
	}
	s.Mu.Lock()
	return s.N, true
}

func (s *S) InferredErr() error {
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
func Find(m map[int]*S) *S {
	s := m[0]
	if s != nil {
		s.Mu.Lock()
	}
	return s
}

// Self is an accessor.
func (s *S) Self() *S { return s }

var Big sync.Mutex

// LockBig takes a lock of the package.
func LockBig() { Big.Lock() }

//mmvet:must_hold Big
func NeedBig() {}

// Nothing has no fact.
func (s *S) Nothing() int {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return s.N
}

// Box is generic.
type Box[T any] struct {
	Mu sync.Mutex
	V  T
}

func (b *Box[T]) Inferred() { b.Mu.Lock() }

//mmvet:must_hold b.Mu
func (b *Box[T]) Stated() {}
