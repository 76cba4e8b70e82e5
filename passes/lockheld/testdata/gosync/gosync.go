// Package gosync is the input of TestGoSync: directives on ordinary Go with sync.Mutex.
package gosync

import "sync"

type S struct {
	mu sync.Mutex
	rw sync.RWMutex
	n  int
}

//mmvet:must_hold s.mu
func (s *S) incLocked() { s.n++ }

//mmvet:must_hold_shared s.rw
func (s *S) readShared() int { return s.n }

//mmvet:must_hold s.rw
func (s *S) writeExclusive() { s.n++ }

func (s *S) Good() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.incLocked()
}

func (s *S) Bad() {
	s.incLocked() // want `lockheld: incLocked needs s.mu held for writing$`
}

func (s *S) AfterUnlock() {
	s.mu.Lock()
	s.mu.Unlock()
	s.incLocked() // want `lockheld: incLocked needs`
}

func (s *S) WrongMode() {
	s.rw.RLock()
	s.readShared()
	s.writeExclusive() // want `lockheld: writeExclusive needs s.rw held for writing \(it is held for reading\)`
	s.rw.RUnlock()
}

func Other(a, b *S) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.incLocked()
	b.incLocked() // want `b.mu`
}

func (s *S) Try() {
	if s.mu.TryLock() {
		s.incLocked()
		s.mu.Unlock()
	}
	if !s.mu.TryLock() {
		s.incLocked() // want `incLocked needs`
		return
	}
	s.incLocked()
	s.mu.Unlock()
}

// Correlated takes and uses the lock under one flag.
func (s *S) Correlated(need bool) {
	if need {
		s.mu.Lock()
	}
	s.n++
	if need {
		s.incLocked()
	}
	if need {
		s.mu.Unlock()
	}
	if !need {
		s.incLocked() // want `incLocked needs`
	}
}

// Remembered remembers in a flag that it took the lock.
func (s *S) Remembered(c bool) {
	locked := false
	if c && s.mu.TryLock() {
		locked = true
	}
	s.n++
	if locked {
		s.incLocked()
		s.mu.Unlock()
	}
}

func (s *S) Loop(n int) {
	for i := range n {
		s.mu.Lock()
		s.incLocked()
		if i == 3 {
			s.mu.Unlock()
			continue
		}
		s.mu.Unlock()
	}
	for range n {
		s.incLocked() // want `incLocked needs`
	}
}

// SecondRound holds the lock in the first round only.
func (s *S) SecondRound(n int) {
	s.mu.Lock()
	for range n {
		s.incLocked() // want `held for writing \(it is held on some paths only\)`
		s.mu.Unlock()
	}
}

//mmvet:acquires s.mu
func (s *S) lock() { s.mu.Lock() }

//mmvet:releases s.mu
func (s *S) unlock() { s.mu.Unlock() }

//mmvet:cond_acquires true s.mu
func (s *S) tryLock() bool { return s.mu.TryLock() }

func (s *S) Wrapped() {
	s.lock()
	s.incLocked()
	s.unlock()
	if s.tryLock() {
		s.incLocked()
		s.unlock()
	}
	s.incLocked() // want `incLocked needs`
}

// inferred states nothing: it takes the lock for its caller.
func (s *S) inferred() { s.mu.Lock() }

// helper needs the lock and states nothing: its callers are asked.
func (s *S) helper() { s.incLocked() }

func (s *S) Inferred() {
	s.inferred()
	s.helper()
	s.mu.Unlock()
	s.helper() // want `helper needs`
}

func (s *S) DeferClosure() {
	s.mu.Lock()
	defer func() { s.mu.Unlock() }()
	s.incLocked()
}

func (s *S) CondDefer(c bool) {
	if c {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	if c {
		s.incLocked()
	}
}

type tree struct{ root *S }

func Reassigned(h, g *tree) {
	h.root.mu.Lock()
	h.root.incLocked()
	h.root = g.root
	h.root.incLocked() // want `incLocked needs`
}

type embedded struct {
	sync.Mutex
	mu struct {
		sync.RWMutex
		n int
	}
}

//mmvet:must_hold e
func (e *embedded) locked() {}

//mmvet:must_hold e.mu
func (e *embedded) muLocked() {}

func (e *embedded) Use() {
	e.Lock()
	e.locked()
	e.Unlock()
	e.mu.Lock()
	e.muLocked()
	e.mu.Unlock()
	e.locked()   // want `locked needs`
	e.muLocked() // want `muLocked needs`
}

//mmvet:acquires s.mu
func (s *S) forgets(c bool) {
	if c {
		return // want `promised on return but not held`
	}
	s.mu.Lock()
}

var global sync.Mutex

//mmvet:must_hold global
func globalLocked() {}

func Global() {
	global.Lock()
	globalLocked()
	global.Unlock()
	globalLocked() // want `globalLocked needs`
}

func (s *S) Goroutine() {
	s.mu.Lock()
	go s.incLocked() // want `incLocked needs`
	go func() {
		s.incLocked() // want `incLocked needs`
	}()
	s.mu.Unlock()
}
