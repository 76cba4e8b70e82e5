// Package calls is the input of TestCalls: every way in which one function can run another.
package calls

import "sync"

type S struct {
	mu sync.Mutex
	rw sync.RWMutex
	n  int
}

//mmvet:must_hold s.mu
func (s *S) locked() {}

//mmvet:must_hold a.mu
func needs(a *S) {}

func (s *S) DeferUnlock() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n > 0 {
		s.locked()
		return
	}
	s.locked()
}

// DeferLast runs after the deferred unlock.
func (s *S) DeferFirst() {
	s.mu.Lock()
	defer s.locked() // want `locked needs`
	defer s.mu.Unlock()
}

func (s *S) DeferLast() {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.locked()
}

func (s *S) DeferInLoop(n int) {
	for range n {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.locked()
		break
	}
}

func (s *S) DeferClosure() {
	s.mu.Lock()
	defer func() {
		s.locked()
		s.mu.Unlock()
	}()
	s.locked()
}

func (s *S) DeferClosureUnlocks() {
	s.mu.Lock()
	defer s.locked() // want `locked needs`
	defer func() { s.mu.Unlock() }()
}

func (s *S) DeferLockUnlock() {
	defer s.lock().mu.Unlock()
	s.locked()
}

//mmvet:acquires s.mu
func (s *S) lock() *S {
	s.mu.Lock()
	return s
}

func (s *S) CondDeferUse(c bool) {
	if c {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	if !c {
		s.locked() // want `locked needs`
		return
	}
	s.locked()
}

func (s *S) Immediate() {
	s.mu.Lock()
	func() {
		s.locked()
	}()
	s.mu.Unlock()
	func() { // want `the function literal needs s.mu`
		s.locked()
	}()
}

func (s *S) Named() {
	f := func() { s.locked() }
	s.mu.Lock()
	f()
	s.mu.Unlock()
	f() // want `needs`
}

// LocksFor has a closure that takes the lock for it.
func (s *S) LocksFor() {
	lock := func() { s.mu.Lock() }
	unlock := func() { s.mu.Unlock() }
	lock()
	s.locked()
	unlock()
	s.locked() // want `locked needs`
}

func (s *S) MethodValue() {
	f := s.locked
	f() // want `locked needs`
	s.mu.Lock()
	f()
	s.mu.Unlock()
}

func (s *S) MethodExpr() {
	(*S).locked(s) // want `locked needs`
	s.mu.Lock()
	(*S).locked(s)
	s.mu.Unlock()
}

func (s *S) LockValue() {
	lock, unlock := s.mu.Lock, s.mu.Unlock
	lock()
	s.locked()
	unlock()
	s.locked() // want `locked needs`
}

func (s *S) Go() {
	s.mu.Lock()
	defer s.mu.Unlock()
	go needs(s)   // want `needs needs`
	go s.locked() // want `locked needs`
	go func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.locked()
	}()
	f := s.locked
	go f() // want `locked needs`
}

// Recursive is inferred although it calls itself.
func (s *S) recursive(n int) {
	s.locked()
	if n > 0 {
		s.recursive(n - 1)
	}
}

func (s *S) Recursive() {
	s.mu.Lock()
	s.recursive(3)
	s.mu.Unlock()
	s.recursive(3) // want `recursive needs`
}

func (s *S) even(n int) {
	if n > 0 {
		s.odd(n - 1)
	}
}

func (s *S) odd(n int) {
	s.locked()
	if n > 0 {
		s.even(n - 1)
	}
}

func (s *S) Mutual() {
	s.mu.Lock()
	s.odd(3)
	s.mu.Unlock()
	s.odd(3) // want `odd needs`
}

// first and second hand the need up two calls.
func (s *S) first()  { s.second() }
func (s *S) second() { s.third() }
func (s *S) third()  { s.locked() }

func (s *S) Chain() {
	s.first() // want `first needs`
	s.mu.Lock()
	s.first()
	s.mu.Unlock()
}

// Exported may be called by anyone, and states nothing.
func (s *S) Exported() {
	s.locked() // want `locked needs`
}

// unused is called by nobody.
func (s *S) unused() {
	s.locked() // want `locked needs`
}

var hook = (*S).callback

// callback is called through a variable.
func (s *S) callback() {
	s.locked() // want `locked needs`
}

// try is inferred: it holds the lock if it says so.
func (s *S) try() bool {
	if s.n > 0 {
		return false
	}
	s.mu.Lock()
	return true
}

func (s *S) Try() {
	if s.try() {
		s.locked()
		s.mu.Unlock()
	}
	if !s.try() {
		s.locked() // want `locked needs`
		return
	}
	s.locked()
}

type failure struct{}

func (failure) Error() string { return "" }

// tryErr is inferred: it holds the lock if the error is nil.
func (s *S) tryErr() (int, error) {
	s.mu.Lock()
	if s.n < 0 {
		s.mu.Unlock()
		return 0, failure{}
	}
	return s.n, nil
}

func (s *S) TryErr() error {
	_, err := s.tryErr()
	if err != nil {
		return err
	}
	s.locked()
	s.mu.Unlock()
	return nil
}

// find is inferred: it returns what it has locked.
func find(m map[int]*S, k int) *S {
	s := m[k]
	if s == nil {
		return nil
	}
	s.mu.Lock()
	return s
}

func Find(m map[int]*S) {
	s := find(m, 1)
	if s == nil {
		return
	}
	s.locked()
	s.mu.Unlock()
	s.locked() // want `locked needs`
}

// maybe is inferred: it takes the lock if it is told to.
func (s *S) maybe(take bool) {
	if take {
		s.mu.Lock()
	}
}

func (s *S) Maybe(c bool) {
	s.maybe(true)
	s.locked()
	s.mu.Unlock()
	s.maybe(false)
	s.locked() // want `locked needs`
	s.maybe(c)
	if c {
		s.locked()
		s.mu.Unlock()
	}
}

type number interface{ ~int | ~float64 }

type box[T number] struct {
	mu sync.Mutex
	v  T
}

//mmvet:must_hold b.mu
func (b *box[T]) add(v T) { b.v += v }

func (b *box[T]) Add(v T) {
	b.add(v) // want `add needs`
	b.mu.Lock()
	b.add(v)
	b.mu.Unlock()
}

// grow states nothing.
func (b *box[T]) grow(v T) { b.add(v) }

func Instances(a *box[int], b *box[float64]) {
	a.mu.Lock()
	a.add(1)
	a.grow(1)
	a.mu.Unlock()
	a.grow(1) // want `grow needs`
	b.add(1)  // want `add needs`
}

//mmvet:must_hold a.mu
func generic[T any](a *S, v T) {}

func Generic(a *S) {
	generic(a, 1) // want `generic needs`
	a.mu.Lock()
	generic(a, "")
	a.mu.Unlock()
}

type locker interface{ Lock() }

// Interface says nothing of who implements it.
func (s *S) Interface(l sync.Locker) {
	l.Lock()
	l.Unlock()
}
