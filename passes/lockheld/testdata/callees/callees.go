// Package callees is the input of TestCallees: calls through values, interfaces, callbacks and getters.
package callees

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sort"
	"sync"
	"time"
)

type S struct {
	mu   sync.Mutex
	rw   sync.RWMutex
	n    int
	cond *sync.Cond
	t    *T
	m    map[string]*T
	list []*T
	arr  [4]T
	once sync.Once
}

type T struct {
	mu sync.Mutex
	n  int
}

func NewS() *S {
	s := &S{t: &T{}}
	s.cond = sync.NewCond(&s.mu)
	return s
}

//mmvet:must_hold s.mu
func (s *S) locked() { s.n++ }

//mmvet:must_hold_shared s.rw
func (s *S) shared() int { return s.n }

//mmvet:must_hold s.rw
func (s *S) exclusive() { s.n++ }

//mmvet:must_hold t.mu
func (t *T) locked() { t.n++ }

// Method values.

func (s *S) MethodValue() {
	f := s.locked
	f() // want `locked needs s.mu`
	s.mu.Lock()
	f()
	s.mu.Unlock()
}

func (s *S) BoundLock() {
	lock, unlock := s.mu.Lock, s.mu.Unlock
	lock()
	s.locked()
	unlock()
	s.locked() // want `locked needs`
}

func (s *S) DeferBound() {
	lock := s.mu.Lock
	lock()
	defer s.mu.Unlock()
	defer s.locked()
}

func (s *S) Expression() {
	f := (*S).locked
	f(s) // want `locked needs`
	s.mu.Lock()
	f(s)
	s.mu.Unlock()
}

// A function that returns the unlock.

func (s *S) lock() func() {
	s.mu.Lock()
	return s.mu.Unlock
}

func (s *S) lockLiteral() func() {
	s.mu.Lock()
	return func() { s.mu.Unlock() }
}

func (s *S) Returned() {
	unlock := s.lock()
	s.locked()
	unlock()
	s.locked() // want `locked needs`
}

func (s *S) DeferReturned() {
	defer s.lock()()
	s.locked()
}

func (s *S) ReturnedLiteral() {
	unlock := s.lockLiteral()
	s.locked()
	unlock()
	s.locked() // want `locked needs`
}

// Lockers.

func (s *S) Locker() {
	var l sync.Locker = &s.mu
	l.Lock()
	s.locked()
	l.Unlock()
	s.locked() // want `locked needs`
}

func (s *S) ReadSide() {
	l := s.rw.RLocker()
	l.Lock()
	s.shared()
	s.exclusive() // want `exclusive needs .*held for writing \(it is held for reading\)`
	l.Unlock()
	s.shared() // want `shared needs`
}

// Conditions.

func (s *S) Wait() {
	s.mu.Lock()
	for s.n == 0 {
		s.cond.Wait()
	}
	s.locked()
	s.mu.Unlock()
}

func (s *S) WaitThroughL() {
	s.cond.L.Lock()
	s.locked()
	s.cond.L.Unlock()
	s.locked() // want `locked needs`
}

func LocalCond(s *S) {
	c := sync.NewCond(&s.mu)
	c.L.Lock()
	s.locked()
	c.L.Unlock()
	s.locked() // want `locked needs`
}

// Callbacks that run now.

func (s *S) Once() {
	s.mu.Lock()
	s.once.Do(func() { s.locked() })
	s.once.Do(s.locked)
	s.mu.Unlock()
	s.once.Do(s.locked) // want `locked needs`
}

func (s *S) OnceUnlocked() {
	s.once.Do(func() { s.locked() }) // want `the function literal needs s.mu held for writing`
}

func (s *S) Sorted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	sort.Slice(s.list, func(i, j int) bool { s.locked(); return s.list[i].n < s.list[j].n })
	slices.SortFunc(s.list, func(a, b *T) int { s.locked(); return a.n - b.n })
}

func (s *S) SortedUnlocked() {
	slices.SortFunc(s.list, func(a, b *T) int { s.locked(); return a.n - b.n }) // want `the function literal needs s.mu held for writing`
}

// with runs f under the lock.
func (s *S) with(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// plain runs f.
func plain(f func()) { f() }

// twice passes f on.
func (s *S) twice(f func()) { s.with(f) }

func (s *S) Helper() {
	s.with(func() { s.locked() })
	s.twice(func() { s.locked() })
	plain(func() { s.locked() }) // want `the function literal needs s.mu held for writing`
	s.mu.Lock()
	plain(func() { s.locked() })
	s.mu.Unlock()
}

func OtherHelper(a, b *S) {
	a.with(func() { b.locked() }) // want `needs b.mu`
}

func (s *S) HelperUnlocks() {
	s.mu.Lock()
	plain(func() { s.mu.Unlock() })
	s.locked() // want `locked needs`
}

// A body of a loop over a function runs under the locks held at the loop.
func (s *S) RangeFunc() {
	s.mu.Lock()
	for range maps.Keys(s.m) {
		s.locked()
	}
	s.mu.Unlock()
	for range maps.Keys(s.m) { // want `the loop body needs s.mu held for writing`
		s.locked()
	}
}

// Tasks hold nothing.

func (s *S) Tasks(ctx context.Context, wg *sync.WaitGroup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	go s.locked()                    // want `locked needs`
	wg.Go(s.locked)                  // want `locked needs`
	time.AfterFunc(1, s.locked)      // want `locked needs`
	context.AfterFunc(ctx, s.locked) // want `locked needs`
	wg.Go(func() { s.locked() })     // want `locked needs`
	http.HandleFunc("/", func(http.ResponseWriter, *http.Request) {
		s.locked() // want `locked needs`
	})
}

// Function variables.

func (s *S) Recursive(depth int) {
	var walk func(n int)
	walk = func(n int) {
		s.locked()
		if n > 0 {
			walk(n - 1)
		}
	}
	s.mu.Lock()
	walk(depth)
	s.mu.Unlock()
}

func (s *S) RecursiveUnlocked(depth int) {
	var walk func(n int)
	walk = func(n int) {
		s.locked()
		if n > 0 {
			walk(n - 1)
		}
	}
	walk(depth) // want `the function literal needs s.mu held for writing`
}

// Getters.

func (s *S) get() *T { return s.t }

func (s *S) again() *T { return s.get() }

func (s *S) Getter() {
	s.get().mu.Lock()
	s.get().locked()
	s.t.locked()
	s.again().locked()
	s.get().mu.Unlock()
	s.get().locked() // want `locked needs`
}

func (s *S) GetterOfChanged(t *T) {
	s.get().mu.Lock()
	s.t = t
	s.get().locked() // want `locked needs`
}

// Elements.

func (s *S) Elements(k string, i int) {
	s.m[k].mu.Lock()
	s.m[k].locked()
	s.m[k].mu.Unlock()
	s.m[k].locked() // want `locked needs s.m\[k\].mu`
	s.list[i].mu.Lock()
	s.list[i].locked()
	s.list[i].mu.Unlock()
	s.list[i].locked() // want `locked needs`
	s.arr[1].mu.Lock()
	s.arr[1].locked()
	s.arr[2].locked() // want `locked needs`
	s.arr[1].mu.Unlock()
}

func (s *S) ElementStored(k string, t *T) {
	s.m[k].mu.Lock()
	s.m[k] = t
	s.m[k].locked() // want `locked needs`
}

func (s *S) OtherElement(j, k string) {
	s.m[k].mu.Lock()
	s.m[j].locked() // want `locked needs`
	s.m[k].mu.Unlock()
}

// Interfaces.

type stated interface {
	//mmvet:must_hold s.mu
	do(s *S)
}

func Stated(i stated, s *S) {
	i.do(s) // want `do needs s.mu`
	s.mu.Lock()
	i.do(s)
	s.mu.Unlock()
}

type agreeing interface{ act(s *S) }

type one struct{}

func (one) act(s *S) { s.locked() }

type two struct{}

func (*two) act(s *S) { s.locked() }

func Agreed(i agreeing, s *S) {
	i.act(s) // want `act needs s.mu`
	s.mu.Lock()
	i.act(s)
	s.mu.Unlock()
}

func Concrete(s *S) {
	var i agreeing = one{}
	i.act(s) // want `act needs`
}
