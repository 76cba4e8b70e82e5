// Package paths has probes of balance along paths.
package paths

import (
	"errors"
	"sync"
)

type S struct {
	mu sync.Mutex
	rw sync.RWMutex
	n  int //mmvet:guarded_by mu
}

var errEmpty = errors.New("empty")

//probe:double-lock-in-loop
func DoubleInLoop(s *S) {
	for {
		s.mu.Lock() // want "lockbalance: s.mu is taken while it is held on some paths: the task waits for itself"
		s.n++
	}
}

//probe:balanced-loop
func BalancedLoop(s *S) {
	for range 2 {
		s.mu.Lock()
		s.n++
		s.mu.Unlock()
	}
}

//probe:leak-at-implicit-return
func ImplicitLeak(s *S, c bool) {
	s.mu.Lock()
	if c {
		s.mu.Unlock()
	}
} // want "lockbalance: s.mu is still held at the end on some paths"

//probe:leak-at-early-return
func EarlyLeak(s *S) error {
	s.mu.Lock()
	if s.n == 0 {
		return errEmpty // want "lockbalance: s.mu is still held at the end"
	}
	s.mu.Unlock()
	return nil
}

//probe:early-return-balanced
func EarlyBalanced(s *S) error {
	s.mu.Lock()
	if s.n == 0 {
		s.mu.Unlock()
		return errEmpty
	}
	s.mu.Unlock()
	return nil
}

//probe:continue-with-lock
func Continue(s *S, keys []string) {
	for _, k := range keys {
		s.mu.Lock() // want "lockbalance: .*taken while it is held on some paths"
		if k == "" {
			continue
		}
		s.mu.Unlock()
	}
}

//probe:correlated-flag
func Correlated(s *S, need bool) {
	if need {
		s.mu.Lock()
	}
	println()
	if need {
		s.n++
		s.mu.Unlock()
	}
}

//probe:flag-not-correlated
func NotCorrelated(need, give bool) {
	var mu sync.Mutex
	if need {
		mu.Lock()
	}
	println()
	if give {
		mu.Unlock() // want "lockbalance: .*mu.* is released but not held on some paths"
	}
}

//probe:flag-among-paths-that-share-a-fact
func FlagAmongPaths(s *S, swap, dir, strict bool) {
	if swap {
		if strict {
			return
		}
	} else if dir {
		s.mu.Lock()
		defer s.mu.Unlock()
	} else if strict {
		return
	}
	if swap {
		s.mu.Lock()
		s.n++
		s.mu.Unlock()
	}
}

//probe:another-flag-among-paths-that-share-a-fact
func OtherFlagAmongPaths(s *S, swap, dir, strict bool) {
	if swap {
		if strict {
			return
		}
	} else if dir {
		s.mu.Lock()
		defer s.mu.Unlock() // want "lockbalance: s.mu is released but not held"
	} else if strict {
		return
	}
	if !swap {
		s.mu.Lock() // want "lockbalance: s.mu is taken while it is held on some paths"
		s.n++
		s.mu.Unlock()
	}
}

//probe:conditional-lock-and-defer
func ConditionalDefer(s *S, need bool) {
	if need {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	println()
}

//probe:defer-in-literal
func DeferLiteral(s *S) {
	s.mu.Lock()
	defer func() {
		s.n++
		s.mu.Unlock()
	}()
	s.n++
}

//probe:upgrade
func Upgrade(s *S) {
	s.rw.RLock()
	s.rw.Lock() // want "lockbalance: s.rw is taken while it is held"
	s.rw.Unlock()
}

//probe:wrong-mode
func WrongMode(s *S) {
	s.rw.RLock()
	s.rw.Unlock() // want "lockbalance: s.rw is held for reading but released for writing"
}

//probe:recursive-read
func Recursive(s *S) {
	s.rw.RLock()
	s.rw.RLock() // want "lockbalance: s.rw is read-locked again"
	s.rw.RUnlock()
	s.rw.RUnlock()
}

//probe:recursive-read-through-callee
func RecursiveCallee(s *S) {
	s.rw.RLock()
	defer s.rw.RUnlock()
	s.reader() // want "lockexcluded: .*reader must not be called with s.rw"
}

func (s *S) reader() {
	s.rw.RLock()
	defer s.rw.RUnlock()
}

//probe:recursive-read-fixed
func RecursiveFixed(s *S) {
	s.rw.RLock()
	s.readerLocked()
	s.rw.RUnlock()
}

//mmvet:must_hold_shared s.rw
func (s *S) readerLocked() {}

//probe:panic-with-lock
func Panics(s *S) {
	s.mu.Lock()
	if s.n < 0 {
		panic("negative")
	}
	s.mu.Unlock()
}

//probe:error-says-locked
func ErrorSays(s *S) error {
	if err := s.open(); err != nil {
		return err
	}
	s.n++
	s.mu.Unlock()
	return nil
}

func (s *S) open() error {
	s.mu.Lock()
	if s.n == 0 {
		s.mu.Unlock()
		return errEmpty
	}
	return nil
}

//probe:error-ignored
func ErrorIgnored(s *S) {
	_ = s.open() // want "lockbalance: the result of open is not tested, and only it says whether s.mu"
	s.n++
	s.mu.Unlock()
}

//probe:pointer-says-locked
func PointerSays(s *S) {
	if t := s.find(1); t != nil {
		t.n++
		t.mu.Unlock()
	}
}

func (s *S) find(n int) *S {
	s.mu.Lock()
	if s.n == n {
		return s
	}
	s.mu.Unlock()
	return nil
}

type door struct {
	mu     sync.Mutex
	closed bool
	quiet  bool
}

func (d *door) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
}

func NewDoor(options ...func(*door)) *door {
	d := new(door)
	for _, o := range options {
		o(d)
	}
	return d
}

func Quiet(d *door) { d.quiet = true }

//probe:tested-again-after-relock
func (d *door) Pass(wait func()) bool {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return false
	}
	d.mu.Unlock()
	wait()
	d.mu.Lock()
	if d.closed {
		return false // want "lockbalance: d.mu is still held at the end"
	}
	d.mu.Unlock()
	return true
}

//probe:tested-again-after-relock-unlocked
func (d *door) PassRight(wait func()) bool {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return false
	}
	d.mu.Unlock()
	wait()
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return false
	}
	d.mu.Unlock()
	return true
}

//probe:option-stays-after-unlock
func (d *door) Knock(first *sync.Mutex, wait func()) {
	if !d.quiet {
		first.Lock()
	}
	d.mu.Lock()
	d.mu.Unlock()
	wait()
	if !d.quiet {
		first.Unlock()
	}
}

func tryReset(s *S) {
	if s.mu.TryLock() {
		s.n = 0
		s.mu.Unlock()
	}
}

func reset(s *S) {
	s.mu.Lock()
	s.n = 0
	s.mu.Unlock()
}

//probe:trylock-of-a-callee-does-not-wait
func TryUnder(s *S) {
	s.mu.Lock()
	tryReset(s)
	s.mu.Unlock()
}

//probe:lock-of-a-callee-waits
func LockUnder(s *S) {
	s.mu.Lock()
	reset(s) // want "lockexcluded: reset must not be called with s.mu held"
	s.mu.Unlock()
}

//probe:given-back-twice
func GiveBack(s *S) {
	s.mu.Unlock()
	s.mu.Unlock() // want "lockbalance: s.mu is released but not held"
}
