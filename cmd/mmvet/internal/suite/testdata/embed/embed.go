// Package embed has a lock that is leaked and a rule that is broken, for a driver that gives analyzers as little as nogo does.
package embed

import "sync"

// S has a guarded field.
type S struct {
	mu sync.Mutex
	n  int //mmvet:guarded_by mu
}

// F forgets the lock.
func (s *S) F(c bool) {
	s.mu.Lock()
	if c {
		return
	}
	s.mu.Unlock()
}

// G takes none.
func (s *S) G() { s.n++ }
