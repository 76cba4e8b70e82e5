// Package a is the lower package of TestPackages.
package a

import "sync"

type Store struct{ Mu sync.Mutex }

type Log struct{ Mu sync.Mutex }

// Append takes the log under the store.
func (s *Store) Append(l *Log) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	l.Flush()
}

func (l *Log) Flush() {
	l.Mu.Lock()
	defer l.Mu.Unlock()
}
