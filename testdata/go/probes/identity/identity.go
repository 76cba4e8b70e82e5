// Package identity has probes of which lock is which: the same by another path, another by the same path.
package identity

import "sync"

type S struct {
	mu sync.Mutex
	rw sync.RWMutex
	n  int //mmvet:guarded_by mu
	r  int //mmvet:guarded_by rw
}

//mmvet:must_hold s.mu
func (s *S) locked() { s.n++ }

//mmvet:must_hold_shared s.rw
func (s *S) shared() int { return s.r }

//probe:trylock-if
func TryThen(s *S) {
	if s.mu.TryLock() {
		s.n++
		s.mu.Unlock()
	}
}

//probe:trylock-return
func TryOrReturn(s *S) int {
	if !s.mu.TryLock() {
		return 0
	}
	defer s.mu.Unlock()
	return s.n
}

//probe:trylock-kept
func TryKept(s *S) {
	ok := s.mu.TryLock()
	if ok {
		s.n++
	}
	if ok {
		s.mu.Unlock()
	}
}

//probe:trylock-untested
func TryUntested(s *S) {
	s.mu.TryLock() // want "lockbalance: .*result of .*TryLock .*is not tested"
	s.n++
	s.mu.Unlock()
}

//probe:method-value
func MethodValue(s *S) {
	f := s.locked
	f() // want "lockheld: locked needs s.mu held for writing"
}

//probe:method-value-held
func MethodValueHeld(s *S) {
	f := s.locked
	s.mu.Lock()
	f()
	s.mu.Unlock()
}

//probe:const-index
func ConstIndex(a []S) {
	a[0].mu.Lock()
	a[0].n++
	a[0].mu.Unlock()
}

//probe:const-index-other
func ConstIndexOther(a []S) {
	a[0].mu.Lock()
	a[1].n++ // want "guardedby: writing .*n needs"
	a[0].mu.Unlock()
}

var only S

func get() *S { return &only }

//probe:getter-twice
func GetterTwice() {
	get().mu.Lock()
	get().n++
	get().mu.Unlock()
}

type box struct{ s *S }

func (b *box) inner() *S { return b.s }

//probe:accessor-twice
func AccessorTwice(b *box) {
	b.inner().mu.Lock()
	b.inner().n++
	b.inner().mu.Unlock()
}

//probe:bound-lock
func BoundLock(s *S) {
	lock, unlock := s.mu.Lock, s.mu.Unlock
	lock()
	s.n++
	unlock()
}

//probe:rlocker
func RLocker(s *S) int {
	l := s.rw.RLocker()
	l.Lock()
	defer l.Unlock()
	return s.shared()
}

//probe:rlocker-written
func RLockerWritten(s *S) {
	l := s.rw.RLocker()
	l.Lock()
	s.r++ // want "guardedby: writing s.r needs .*held for writing"
	l.Unlock()
}

func (s *S) acquire() func() {
	s.mu.Lock()
	return s.mu.Unlock
}

//probe:returned-unlock
func ReturnedUnlock(s *S) {
	unlock := s.acquire()
	s.n++
	unlock()
}

//probe:returned-unlock-deferred
func ReturnedUnlockDeferred(s *S) {
	defer s.acquire()()
	s.n++
}

type holder struct{ s *S }

//probe:reassigned-base
func ReassignedBase(h, g *holder) {
	h.s.mu.Lock()
	h.s = g.s
	h.s.n++         // want "guardedby: writing g.s.n needs"
	h.s.mu.Unlock() // want "lockbalance: .*mu.* is released but not held"
}

//probe:reassigned-base-kept
func ReassignedBaseKept(h, g *holder) {
	s := h.s
	s.mu.Lock()
	h.s = g.s
	s.n++
	s.mu.Unlock()
}

type node struct {
	fs *S
	// size is shared by all nodes of a file system.
	size int
}

//mmvet:must_hold n.fs.mu
func (n *node) grow() { n.size++ }

// adopt gives its child the lock of the parent.
func adopt(parent, child *node) {
	if child.fs != parent.fs {
		panic("another file system")
	}
	parent.fs.mu.Lock()
	child.grow()
	parent.fs.mu.Unlock()
}

//probe:owner-equality
func Adopt(parent, child *node) { adopt(parent, child) }

//probe:lock-in-map
func LockInMap(m map[string]*S, k string) {
	m[k].mu.Lock()
	m[k].n++
	m[k].mu.Unlock()
}

//probe:lock-in-map-other-key
func LockInMapOther(m map[string]*S, k, l string) {
	m[k].mu.Lock()
	m[l].n++ // want "guardedby: writing .*n needs"
	m[k].mu.Unlock()
}
