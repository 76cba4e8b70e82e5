// Package fix is the input of TestFix: where the cure is to state what a function needs.
package fix

import "sync"

type S struct {
	mu sync.Mutex
	rw sync.RWMutex
	n  int
}

//mmvet:must_hold s.mu
func (s *S) locked() {}

//mmvet:must_hold_shared s.rw
func (s *S) shared() {}

//mmvet:must_hold s.mu
//mmvet:must_hold_shared s.rw
func (s *S) both() {}

// Documented has a comment.
func (s *S) Documented() {
	s.locked() // want `locked needs`
}

func (s *S) Bare() {
	s.locked() // want `locked needs`
	s.locked() // want `locked needs`
}

// Pragma has a directive of another tool.
//
//go:noinline
func Pragma(a *S) {
	a.shared() // want `shared needs`
}

func Global() {
	globalLocked() // want `globalLocked needs`
}

var global sync.Mutex

//mmvet:must_hold global
func globalLocked() {}

// Takes takes the lock itself: its callers must not hold it.
func (s *S) Takes() {
	s.mu.Lock()
	s.mu.Unlock()
	s.locked() // want `locked needs`
}

// Stated has a contract, which is somebody's decision.
//
//mmvet:must_hold_shared s.rw
func (s *S) Stated() {
	s.locked() // want `locked needs`
}

// Local cannot be asked of callers.
func Local() {
	s := &S{}
	s.locked() // want `locked needs`
}

func unnamed(_ *S, m map[int]*S) {
	m[0].locked() // want `locked needs`
}
