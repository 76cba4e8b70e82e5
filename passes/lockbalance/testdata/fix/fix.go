// Package fix is the input of TestFix: leaks, and what mends them.
package fix

import (
	"errors"
	"sync"
)

type S struct {
	mu sync.Mutex
	rw sync.RWMutex
	n  int
}

var errEmpty = errors.New("empty")

func (s *S) Both() error {
	s.mu.Lock()
	if s.n == 0 {
		return errEmpty // want `s.mu is still held at the end`
	}
	s.n--
	s.mu.Unlock()
	return nil
}

func (s *S) Reads() int {
	s.rw.RLock()
	if s.n > 3 {
		return s.n // want `s.rw is still held at the end`
	}
	s.rw.RUnlock()
	return 0
}

// Used goes on behind the Unlock.
func (s *S) Used() int {
	s.mu.Lock()
	if s.n > 3 {
		return 3 // want `s.mu is still held at the end`
	}
	s.mu.Unlock()
	s.Both()
	return 0
}

// Neither has no fix that is safe.
func (s *S) Neither(each []int) int {
	for _, e := range each {
		s.mu.Lock()
		if e == 3 {
			return s.n // want `s.mu is still held at the end`
		}
		s.mu.Unlock()
	}
	return 0
}
