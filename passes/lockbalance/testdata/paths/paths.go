// Package paths is the input of TestPaths: locks that leak, or are taken and given back out of balance, and their fixed twins.
package paths

import (
	"errors"
	"strings"
	"sync"
)

type S struct {
	mu sync.Mutex
	rw sync.RWMutex
	n  int
	m  map[string]int
}

var errEmpty = errors.New("empty")

func (s *S) EarlyReturn() error {
	s.mu.Lock()
	if s.n == 0 {
		return errEmpty // want `lockbalance: s.mu is still held at the end`
	}
	s.mu.Unlock()
	return nil
}

func (s *S) EarlyReturnFixed() error {
	s.mu.Lock()
	if s.n == 0 {
		s.mu.Unlock()
		return errEmpty
	}
	s.mu.Unlock()
	return nil
}

func (s *S) ImplicitReturn(c bool) {
	s.mu.Lock()
	if c {
		s.mu.Unlock()
	}
} // want `s.mu is still held at the end`

func (s *S) ReadLeak() int {
	s.rw.RLock()
	if s.n > 3 {
		return 3 // want `s.rw is still held`
	}
	s.rw.RUnlock()
	return 0
}

func (s *S) Double() {
	s.mu.Lock()
	s.mu.Lock() // want `s.mu is taken while it is held: the task waits for itself`
	s.mu.Unlock()
}

func (s *S) Continue(keys []string) {
	for _, k := range keys {
		s.mu.Lock() // want `taken while it is held on some paths`
		if k == "" {
			continue
		}
		s.n++
		s.mu.Unlock()
	}
}

func (s *S) ContinueFixed(keys []string) {
	for _, k := range keys {
		s.mu.Lock()
		if k == "" {
			s.mu.Unlock()
			continue
		}
		s.n++
		s.mu.Unlock()
	}
}

func (s *S) UnlockedInLoop(keys []string) {
	s.mu.Lock()
	for _, k := range keys {
		if k == "" {
			s.mu.Unlock()
			break
		}
		s.n++
	}
	s.mu.Unlock() // want `s.mu is released but not held on some paths`
}

func (s *S) UnlockedInLoopFixed(keys []string) {
	s.mu.Lock()
	for _, k := range keys {
		if k == "" {
			break
		}
		s.n++
	}
	s.mu.Unlock()
}

// What has a contract is held to it: it says nothing of rw.
//
//mmvet:must_hold s.mu
func (s *S) Stated(c bool) {
	s.rw.Lock()
	if c {
		return // want `s.rw is still held at the end`
	}
	s.rw.Unlock()
}

//mmvet:must_hold s.mu
func (s *S) StatedFixed(c bool) {
	s.rw.Lock()
	defer s.rw.Unlock()
	if c {
		return
	}
	s.n++
}

func (s *S) Recursive() {
	s.rw.RLock()
	s.rw.RLock() // want `s.rw is read-locked again while it is held: a writer`
	s.rw.RUnlock()
	s.rw.RUnlock()
}

func (s *S) Upgrade() {
	s.rw.RLock()
	s.rw.Lock() // want `taken while it is held: the task waits for itself`
	s.rw.Unlock()
}

func (s *S) Twice() {
	s.mu.Lock()
	s.mu.Unlock()
	s.mu.Unlock() // want `s.mu is released but not held`
}

func Local() {
	var mu sync.Mutex
	mu.Unlock() // want `mu is released but not held`
}

func (s *S) WrongMode() {
	s.rw.RLock()
	s.rw.Unlock() // want `held for reading but released for writing`
	s.rw.Lock()
	s.rw.RUnlock() // want `held for writing but released for reading`
}

// lock and unlock are lock functions; so are the next ones.
func (s *S) lock()   { s.mu.Lock() }
func (s *S) unlock() { s.mu.Unlock() }

func (s *S) get(k string) (int, bool) {
	s.mu.Lock()
	if v, ok := s.m[k]; ok {
		return v, true
	}
	s.mu.Unlock()
	return 0, false
}

func (s *S) open() error {
	s.mu.Lock()
	if s.n == 0 {
		s.mu.Unlock()
		return errEmpty
	}
	return nil
}

func (s *S) maybe(need bool) {
	if need {
		s.mu.Lock()
	}
	s.n++
	if need {
		s.mu.Unlock()
	}
}

func (s *S) Users() {
	s.lock()
	s.lock() // lockexcluded says what is wrong
	s.unlock()
	if _, ok := s.get("a"); ok {
		s.unlock()
	}
	if err := s.open(); err != nil {
		return
	}
	s.unlock()
	s.maybe(true)
}

func (s *S) UserLeaks(c bool) error {
	if err := s.open(); err != nil {
		return err
	}
	if c {
		return errEmpty // want `still held at the end`
	}
	s.unlock()
	return nil
}

// relock drops the lock of its caller for a while.
func (s *S) relock() {
	s.mu.Unlock()
	s.n++
	s.mu.Lock()
}

func (s *S) Relock() {
	s.mu.Lock()
	s.relock()
	s.mu.Unlock()
}

func (s *S) Iterate(sub string) error {
	s.mu.Lock()
	for t := range strings.SplitSeq(sub, ".") {
		if t == "" {
			s.mu.Unlock()
			return errEmpty
		}
		s.n++
	}
	s.mu.Unlock()
	return nil
}

func (s *S) Rollback(c bool) error {
	s.mu.Lock()
	rollback := func() { s.mu.Unlock() }
	fail := func() error {
		rollback()
		return errEmpty
	}
	if c {
		return fail()
	}
	if s.n == 0 {
		rollback()
		return nil
	}
	rollback()
	return nil
}

// Held returns how to unlock.
func (s *S) Held() func() {
	s.mu.Lock()
	return s.mu.Unlock
}

type list struct {
	mu   sync.Mutex
	next *list
}

// All locks every element, and then unlocks them.
func (l *list) All(each []*list) {
	for _, e := range each {
		e.mu.Lock()
	}
	for _, e := range each {
		e.mu.Unlock()
	}
	for e := l; e != nil; e = e.next {
		e.mu.Lock()
		if e.next == nil {
			e.mu.Unlock()
			break
		}
		e.mu.Unlock()
	}
}

// Again gives back and takes again what it has locked by another path.
func Again(each map[string]*list) {
	for _, e := range each {
		e.mu.Lock()
	}
	if e := each["a"]; e != nil {
		e.mu.Unlock()
		e.next = nil
		e.mu.Lock()
	}
	for _, e := range each {
		e.mu.Unlock()
	}
}

func (s *S) note() {
	s.rw.Lock()
	s.n++
	s.rw.Unlock()
}

// ManyDefers has more deferred calls than may run or not.
func (s *S) ManyDefers(c bool) {
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	s.mu.Lock()
	if c {
		return // want `s.mu is still held at the end`
	}
	s.mu.Unlock()
}

func (s *S) ManyDefersFixed(c bool) {
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	defer s.note()
	s.mu.Lock()
	defer s.mu.Unlock()
	if c {
		return
	}
	s.n++
}
