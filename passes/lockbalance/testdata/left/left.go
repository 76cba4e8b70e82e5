// Package left is the input of TestLeft: what calls leave behind, in variables and in what must be true of their arguments.
package left

import (
	"os"
	"sync"
	"testing"
)

type S struct {
	mu   sync.Mutex
	rw   sync.RWMutex
	list []int
}

func (s *S) work() error { return nil }

// A flag that a literal sets.
func (s *S) Early(done bool) error {
	unlocked := false
	s.mu.Lock()
	unlock := func() {
		if !unlocked {
			s.mu.Unlock()
			unlocked = true
		}
	}
	defer unlock()
	if done {
		return nil
	}
	unlock()
	return s.work()
}

func (s *S) EarlyTwice(done bool) error {
	s.mu.Lock()
	unlock := func() { s.mu.Unlock() }
	defer unlock() // want `lockbalance: s.mu is released but not held`
	if done {
		return nil
	}
	unlock()
	return s.work()
}

// A flag that the function sets, and a deferred literal reads when it runs.
func (s *S) Deferred() error {
	unlocked := false
	s.mu.Lock()
	defer func() {
		if !unlocked {
			s.mu.Unlock()
		}
	}()
	if err := s.work(); err != nil {
		return err
	}
	s.mu.Unlock()
	unlocked = true
	return s.work()
}

// A helper that returns only if there is no error.
func check(t testing.TB, err error) {
	if err != nil {
		t.Fatalf("failed: %v", err)
	}
}

func Checked(t *testing.T, s *S) {
	s.mu.Lock()
	if err := s.work(); err != nil {
		s.mu.Unlock()
		check(t, err)
	}
	s.mu.Unlock()
}

func report(t testing.TB, err error) {
	if err != nil {
		t.Errorf("failed: %v", err)
	}
}

func Reported(t *testing.T, s *S) {
	s.mu.Lock()
	if err := s.work(); err != nil {
		s.mu.Unlock()
		report(t, err)
	}
	s.mu.Unlock() // want `lockbalance: s.mu is released but not held on some paths`
}

// The length is the same while nobody appends.
func (s *S) Length() {
	if len(s.list) != 0 {
		s.rw.Lock()
	}
	s.work()
	if len(s.list) != 0 {
		s.rw.Unlock()
	}
}

func (s *S) LengthChanged(x int) {
	if len(s.list) != 0 {
		s.rw.Lock()
	}
	s.list = append(s.list, x)
	if len(s.list) != 0 {
		s.rw.Unlock() // want `lockbalance: s.rw is released but not held on some paths`
	}
} // want `lockbalance: s.rw is still held at the end on some paths`

func (s *S) Never() {
	s.mu.Lock()
	if false {
		return
	}
	s.mu.Unlock()
}

// cleanup keeps functions for later.
type cleanup struct{ fs []func() }

func (c *cleanup) add(f func()) { c.fs = append(c.fs, f) }
func (c *cleanup) run() {
	for _, f := range c.fs {
		f()
	}
}

func (s *S) Cleanup() error {
	var c cleanup
	defer c.run()
	s.mu.Lock()
	c.add(func() { s.mu.Unlock() })
	if err := s.work(); err != nil {
		return err
	}
	return nil
}

func (s *S) CleanupForgotten() error {
	s.mu.Lock()
	if err := s.work(); err != nil {
		return err // want `lockbalance: s.mu is still held at the end`
	}
	s.mu.Unlock()
	return nil
}

var _ = os.Exit
