// Package guards is the input of TestGuards.
package guards

import (
	"slices"
	"sync"
	"sync/atomic"
)

type S struct {
	mu sync.RWMutex
	//mmvet:guarded_by mu
	a, b  int
	c     int
	m     map[string]int //mmvet:guarded_by mu
	list  []int          //mmvet:guarded_by mu
	inner inner          //mmvet:guarded_by mu
	arr   [4]int         //mmvet:guarded_by mu
	ptr   *inner         //mmvet:guarded_by mu
	count int64          //mmvet:guarded_by mu
}

type inner struct {
	x int
	y [2]int
}

func (s *S) Good() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.a++
	s.b = s.a
	s.m["k"] = 1
	s.list[0] = 2
	s.inner.y[1] = 3
	s.arr[2]++
	delete(s.m, "k")
	clear(s.m)
	s.list = append(s.list, 1)
	slices.Sort(s.list)
	s.c = 1
	return s.a
}

func (s *S) Unlocked() int {
	s.c++
	s.a = 1    // want `guardedby: writing s.a needs s.mu held for writing`
	return s.b // want `guardedby: reading s.b needs s.mu held$`
}

func (s *S) UnderReadLock(k string, i int) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.a = 1                    // want `writing s.a needs .*held for writing \(it is held for reading\)`
	s.b++                      // want `writing s.b needs`
	s.m[k] = 1                 // want `writing an element of s.m needs`
	delete(s.m, k)             // want `writing elements of s.m needs`
	clear(s.m)                 // want `writing elements of s.m needs`
	s.list[i] = 1              // want `writing an element of s.list needs`
	copy(s.list, s.list)       // want `writing elements of s.list needs`
	slices.Sort(s.list)        // want `writing elements of s.list needs`
	s.list = append(s.list, 1) // want `writing s.list needs`
	s.inner.x = 1              // want `writing s.inner needs`
	s.inner.y[1] = 1           // want `writing s.inner needs`
	s.arr[i] = 1               // want `writing s.arr needs`
	for range s.m {
		delete(s.m, k) // want `writing elements of s.m needs`
	}
	s.ptr.x = 1 // what the pointer leads to is not guarded by it
	return s.a + s.m[k] + s.list[i] + s.inner.x + s.arr[i]
}

func (s *S) AliasAfterUnlock(k string) int {
	s.mu.Lock()
	m := s.m
	s.mu.Unlock()
	return m[k] // want `reading an element of s.m needs`
}

func (s *S) AliasWrittenAfterUnlock(k string) {
	s.mu.Lock()
	m := s.m
	s.mu.Unlock()
	m[k] = 1 // want `writing an element of s.m needs`
}

// Swap takes the map away: nobody else has it.
func (s *S) Swap() (n int) {
	s.mu.Lock()
	m := s.m
	s.m = map[string]int{}
	s.mu.Unlock()
	for range m {
		n++
	}
	return n
}

// Snapshot reads elements of a slice that is replaced as a whole.
func (s *S) Snapshot() (n int) {
	s.mu.RLock()
	list := s.list
	s.mu.RUnlock()
	for _, x := range list {
		n += x
	}
	return n
}

func (s *S) Address() *int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &s.a // want `writing the address of s.a needs`
}

func Copy(s *S) inner {
	c := s.inner // want `reading s.inner needs`
	return c
}

type plain struct {
	lock *sync.Mutex
	n    int //mmvet:guarded_by lock
}

func CopyWhole(p *plain) plain {
	return *p // want `reading a whole struct with p.n needs`
}

func Overwrite(p *plain) {
	p.lock.Lock()
	*p = plain{lock: p.lock}
	p.lock.Unlock()
}

func (s *S) Atomic() int64 { return atomic.LoadInt64(&s.count) }

// helper is for callers that hold the lock: they are asked.
func (s *S) helper() { s.a++ }

func (s *S) CallsHelper() {
	s.mu.Lock()
	s.helper()
	s.mu.Unlock()
}

//mmvet:must_hold_shared mu
func (s *S) stated() int {
	s.a = 1 // want `writing s.a needs .*held for writing \(it is held for reading\)`
	return s.a
}

func (s *S) Literal() {
	s.mu.Lock()
	func() { s.a++ }()
	defer func() {
		s.a++
		s.mu.Unlock()
	}()
	go func() {
		s.a++ // want `writing s.a needs`
	}()
}

func New() *S {
	s := &S{a: 1}
	s.m = map[string]int{}
	s.m["k"] = 1
	s.list = append(s.list, 1)
	s.init()
	s.b = 2
	return s
}

func (s *S) init() { s.a = 2 }

var registry = map[*S]bool{}

func Publish() *S {
	s := &S{a: 1}
	registry[s] = true
	s.a = 2 // want `writing S{…}.a needs`
	return s
}

func PublishLate(c chan *S) {
	for range 3 {
		s := &S{}
		s.a = 1
		c <- s
	}
}

func PublishInto(outer *struct{ s *S }) {
	s := &S{}
	s.a = 1
	outer.s = s
	s.a = 2 // want `writing S{…}.a needs`
}

func Go() {
	s := &S{}
	s.a = 1
	go s.CallsHelper()
	s.a = 2 // want `writing S{…}.a needs`
}

type Two struct {
	x, y sync.Mutex
	n    int //mmvet:guarded_by x y
}

func (t *Two) Read() int {
	t.x.Lock()
	defer t.x.Unlock()
	t.n++ // want `writing t.n needs t.y held for writing`
	return t.n
}

func (t *Two) Write() {
	t.x.Lock()
	t.y.Lock()
	t.n++
	t.y.Unlock()
	t.x.Unlock()
	_ = t.n // want `reading t.n needs one of t.x and t.y held`
}

//mmvet:guarded_by mu
type All struct {
	mu   sync.Mutex
	a, b int
	//mmvet:unguarded
	free int
	once sync.Once
	n    atomic.Int64
}

func (a *All) Use() {
	a.free++
	a.once.Do(func() {})
	a.n.Add(1)
	a.a++ // want `writing a.a needs`
	a.mu.Lock()
	a.b++
	a.mu.Unlock()
}

type Nested struct {
	//mmvet:guarded_by mu
	mu struct {
		sync.Mutex
		n int
		//mmvet:unguarded
		free int
	}
}

func (n *Nested) Use() {
	n.mu.Lock()
	n.mu.n++
	n.mu.Unlock()
	n.mu.free++
	n.mu.n++ // want `writing n.mu.n needs`
}

var (
	mu    sync.Mutex
	total int                //mmvet:guarded_by mu
	index = map[string]int{} //mmvet:guarded_by mu
)

func Total() int {
	mu.Lock()
	total++
	index["a"] = 1
	mu.Unlock()
	index["a"] = 2 // want `writing an element of index needs`
	return total   // want `reading total needs`
}

type Parent struct{ mu sync.Mutex }

type Child struct {
	parent *Parent
	n      int //mmvet:guarded_by parent.mu
}

func (c *Child) Use() {
	c.parent.mu.Lock()
	c.n++
	c.parent.mu.Unlock()
	c.n++ // want `writing c.n needs c.parent.mu`
}

// Rebased takes the lock of one object and writes another.
func Rebased(h *struct{ s *S }, g *struct{ s *S }) {
	h.s.mu.Lock()
	h.s.a++
	h.s = g.s
	h.s.a++ // want `writing .*a needs`
}
