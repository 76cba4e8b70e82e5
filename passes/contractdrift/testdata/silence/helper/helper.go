// Package helper has functions whose needs and locks are silenced where they arise, for the packages that import it.
package helper

import "sync"

// S has a lock.
type S struct{ Mu sync.Mutex }

// Take takes the lock.
func (s *S) Take() {
	s.Mu.Lock() // what importers hear of
	s.Mu.Unlock()
}

// TakeSilently takes the lock.
func (s *S) TakeSilently() {
	s.Mu.Lock() //mmvet:ignore lockexcluded the lock is another one then
	s.Mu.Unlock()
}

// Locked needs the lock.
//
//mmvet:must_hold s.Mu
func (s *S) Locked() {}
