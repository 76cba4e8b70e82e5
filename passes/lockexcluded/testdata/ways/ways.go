// Package ways is the input of TestWays: the ways in which a lock is taken twice, each with its fixed twin.
package ways

import (
	"fmt"
	"sync"
	"time"
)

type S struct {
	mu   sync.Mutex
	rw   sync.RWMutex
	once sync.Once
	cond *sync.Cond
	n    int
	hook func()
}

func NewS() *S {
	s := &S{}
	s.cond = sync.NewCond(s.rw.RLocker())
	s.hook = inc
	return s
}

var count struct {
	sync.Mutex
	n int
}

func inc() {
	count.Lock()
	count.n++
	count.Unlock()
}

// A callback in a field.
func (s *S) Hook() {
	count.Lock()
	s.hook() // want `must not be called with .*count`
	count.Unlock()
}

func (s *S) HookFixed() {
	count.Lock()
	count.Unlock()
	s.hook()
}

// sync.Once.
func (s *S) setup() {
	s.mu.Lock()
	s.n = 1
	s.mu.Unlock()
}

func (s *S) Once() {
	s.mu.Lock()
	s.once.Do(s.setup) // want `setup must not be called with s.mu held`
	s.mu.Unlock()
}

func (s *S) OnceFixed() {
	s.once.Do(s.setup)
	s.mu.Lock()
	s.mu.Unlock()
}

// A Once inside of itself waits for itself, inside of another it does not.
func OnceInside(a, b *sync.Once) {
	a.Do(func() { // want `must not be called with .*a.* held`
		a.Do(func() {})
	})
	a.Do(func() {
		b.Do(func() {})
	})
}

// An interface that one type implements.
type counter interface{ add(s *S) }

type plain struct{}

func (plain) add(s *S) { s.setup() }

func Through(c counter, s *S) {
	s.mu.Lock()
	c.add(s) // want `add must not be called with s.mu held`
	s.mu.Unlock()
}

func ThroughFixed(c counter, s *S) {
	s.mu.Lock()
	s.mu.Unlock()
	c.add(s)
}

// A task of its own, a timer, and a parameter that goes into one of them wait for nobody here.
func later(f func()) { go func() { f() }() }

func (s *S) Later() {
	s.mu.Lock()
	defer s.mu.Unlock()
	time.AfterFunc(time.Second, s.setup)
	later(func() { s.setup() })
	later(s.setup)
}

func (s *S) startTimer() { time.AfterFunc(time.Second, s.setup) }

func (s *S) Timer() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.startTimer()
}

func now(f func()) { func() { f() }() }

func (s *S) Now() {
	s.mu.Lock()
	now(s.setup) // want `setup must not be called with s.mu held`
	s.mu.Unlock()
}

var _ = fmt.Sprint
