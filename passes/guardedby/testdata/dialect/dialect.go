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
