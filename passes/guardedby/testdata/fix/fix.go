// Package fix is the input of TestFix: writes under a read lock.
package fix

import "sync"

type S struct {
	mu sync.RWMutex
	m  map[string]int //mmvet:guarded_by mu
}

func (s *S) Drop(k string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	delete(s.m, k) // want `writing elements of s.m needs`
}

func (s *S) Put(k string) {
	s.mu.RLock()
	if k == "" {
		s.mu.RUnlock()
		return
	}
	s.m[k]++ // want `writing an element of s.m needs`
	s.mu.RUnlock()
}
