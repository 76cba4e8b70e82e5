// Package calls has probes of locks behind calls: literals, interfaces, callbacks, goroutines and the standard library.
package calls

import (
	"fmt"
	"sync"
	"time"
)

type S struct {
	mu   sync.Mutex
	rw   sync.RWMutex
	n    int //mmvet:guarded_by mu
	once sync.Once
	hook func(*S)
}

//mmvet:must_hold s.mu
func (s *S) locked() { s.n++ }

//probe:go-needs-lock
func Go(s *S) {
	s.mu.Lock()
	defer s.mu.Unlock()
	go s.locked() // want "lockheld: locked needs s.mu held for writing"
}

//probe:go-literal
func GoLiteral(s *S) {
	s.mu.Lock()
	defer s.mu.Unlock()
	go func() {
		s.n++ // want "guardedby: writing s.n needs"
	}()
}

//probe:go-takes-lock
func GoFixed(s *S) {
	s.mu.Lock()
	defer s.mu.Unlock()
	go func() {
		s.mu.Lock()
		s.locked()
		s.mu.Unlock()
	}()
}

//probe:after-func
func AfterFunc(s *S) {
	s.mu.Lock()
	defer s.mu.Unlock()
	time.AfterFunc(time.Second, func() {
		s.n++ // want "guardedby: writing s.n needs"
	})
}

func with(f func()) { f() }

//probe:callback-under-lock
func Callback(s *S) {
	s.mu.Lock()
	with(func() { s.n++ })
	s.mu.Unlock()
}

//probe:callback-without-lock
func CallbackWithout(s *S) {
	with(func() { s.n++ }) // want "lockheld: the function literal needs s.mu held for writing"
}

//probe:once-under-lock
func Once(s *S) {
	s.mu.Lock()
	s.once.Do(func() { s.n++ })
	s.mu.Unlock()
}

//probe:double-lock-through-callee
func ThroughCallee(s *S) {
	s.mu.Lock()
	s.one() // want "lockexcluded: one must not be called with s.mu held"
	s.mu.Unlock()
}

func (s *S) one() { s.two() }
func (s *S) two() { s.take() }
func (s *S) take() {
	s.mu.Lock()
	s.n++
	s.mu.Unlock()
}

//probe:callee-after-unlock
func ThroughCalleeFixed(s *S) {
	s.mu.Lock()
	s.n++
	s.mu.Unlock()
	s.one()
}

type taker interface{ take() }

type owner struct {
	s *S
	t taker
}

//probe:double-lock-through-interface
func ThroughInterface(s *S) {
	var t taker = s
	s.mu.Lock()
	t.take() // want "lockexcluded: take must not be called with s.mu held"
	s.mu.Unlock()
}

//probe:interface-after-unlock
func ThroughInterfaceFixed(s *S) {
	var t taker = s
	s.mu.Lock()
	s.mu.Unlock()
	t.take()
}

type registry struct {
	mu       sync.Mutex
	notifier notifier
}

type notifier interface{ notify() }

func newRegistry() *registry {
	r := &registry{}
	r.notifier = r
	return r
}

func (r *registry) notify() {
	r.mu.Lock()
	r.mu.Unlock()
}

//probe:double-lock-through-interface-field
func ThroughInterfaceField(r *registry) {
	r.mu.Lock()
	r.notifier.notify() // want "lockexcluded|lockcycle: .*registry.mu"
	r.mu.Unlock()
}

//probe:interface-field-after-unlock
func ThroughInterfaceFieldFixed(r *registry) {
	r.mu.Lock()
	r.mu.Unlock()
	r.notifier.notify()
}

type queue struct {
	mu   sync.Mutex
	done func()
}

func newQueue() *queue {
	q := &queue{}
	q.done = func() {
		q.mu.Lock()
		q.mu.Unlock()
	}
	return q
}

//probe:double-lock-through-callback-field
func ThroughField(q *queue) {
	q.mu.Lock()
	q.done() // want "lockexcluded|lockcycle: .*queue.mu"
	q.mu.Unlock()
}

//probe:callback-field-after-unlock
func ThroughFieldFixed(q *queue) {
	q.mu.Lock()
	done := q.done
	q.mu.Unlock()
	done()
}

//probe:double-lock-through-once
func ThroughOnce(s *S) {
	s.mu.Lock()
	s.once.Do(s.take) // want "lockexcluded: take must not be called with s.mu held"
	s.mu.Unlock()
}

//probe:double-lock-through-once-literal
func ThroughOnceLiteral(s *S) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.once.Do(func() { // want "lockexcluded: the function literal must not be called with s.mu held"
		s.mu.Lock()
		s.mu.Unlock()
	})
}

type onceTwice struct{ a, b sync.Once }

//probe:once-inside-itself
func OnceInside(o *onceTwice) {
	o.a.Do(func() { // want "lockexcluded: the function literal must not be called with o.a held"
		o.a.Do(func() {})
	})
}

//probe:once-inside-another
func OnceInsideAnother(o *onceTwice) {
	o.a.Do(func() {
		o.b.Do(func() {})
	})
}

// String is what fmt calls.
func (s *S) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(s.n)
}

//probe:double-lock-through-fmt
func ThroughFmt(s *S) {
	s.mu.Lock()
	fmt.Println(s) // want "lockexcluded: String must not be called with s.mu held"
	s.mu.Unlock()
}

//probe:fmt-after-unlock
func ThroughFmtFixed(s *S) {
	s.mu.Lock()
	n := s.n
	s.mu.Unlock()
	fmt.Println(n, s)
}

type failure struct{ s *S }

func (f *failure) Error() string { return f.s.String() }

//probe:double-lock-through-error
func ThroughError(s *S) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Errorf("failed: %w", &failure{s}) // want "lockexcluded: Error must not be called with s.mu held"
}

//probe:cond-wait
func CondWait(s *S) {
	c := sync.NewCond(&s.mu)
	c.L.Lock()
	for s.n == 0 {
		c.Wait()
	}
	c.L.Unlock()
}

//probe:cond-of-rlocker
func CondRLocker(s *S) {
	c := sync.NewCond(s.rw.RLocker())
	c.L.Lock()
	s.rw.RLock() // want "lockbalance: s.rw is read-locked again while it is held: a writer that waits in between makes both wait for ever"
	s.rw.RUnlock()
	c.Wait()
	c.L.Unlock()
}

//probe:cond-of-rlocker-fixed
func CondRLockerFixed(s *S) {
	c := sync.NewCond(s.rw.RLocker())
	c.L.Lock()
	c.Wait()
	c.L.Unlock()
}

//probe:wait-for-goroutine-that-locks
func WaitsForLocker(s *S) {
	done := make(chan struct{})
	s.mu.Lock()
	go func() {
		s.mu.Lock()
		s.mu.Unlock()
		close(done)
	}()
	<-done // want "lockexcluded: waiting with s.mu held for a goroutine that takes it first: neither goes on"
	s.mu.Unlock()
}

//probe:wait-after-unlock
func WaitsFixed(s *S) {
	done := make(chan struct{})
	s.mu.Lock()
	go func() {
		s.mu.Lock()
		s.mu.Unlock()
		close(done)
	}()
	s.mu.Unlock()
	<-done
}
