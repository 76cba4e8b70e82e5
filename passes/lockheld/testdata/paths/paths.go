// Package paths is the input of TestPaths: every way in which code can name one lock.
package paths

import "sync"

type S struct {
	mu   sync.Mutex
	next *S
	in   inner
	ptr  *inner
	n    int
}

type inner struct {
	mu sync.RWMutex
	n  int
}

//mmvet:must_hold s.mu
func (s *S) locked() {}

//mmvet:must_hold s.in.mu
func (s *S) inLocked() {}

//mmvet:must_hold s.ptr.mu
func (s *S) ptrLocked() {}

//mmvet:must_hold i.mu
func (i *inner) locked() {}

//mmvet:must_hold mu
func (s *S) bare() {}

//mmvet:must_hold &s.mu
func (s *S) amp() {}

func (s *S) Nested() {
	s.in.mu.Lock()
	s.inLocked()
	s.in.locked()
	s.ptrLocked()  // want `ptrLocked needs`
	s.ptr.locked() // want `locked needs s.ptr.mu held for writing`
	s.in.mu.Unlock()
	s.ptr.mu.Lock()
	s.ptrLocked()
	s.ptr.locked()
	s.in.locked() // want `locked needs s.in.mu held for writing`
	s.ptr.mu.Unlock()
}

func (s *S) Spelling() {
	s.mu.Lock()
	s.bare()
	s.amp()
	s.mu.Unlock()
	s.bare() // want `bare needs`
	s.amp()  // want `amp needs`
}

func (s *S) Alias() {
	t := s
	t.mu.Lock()
	s.locked()
	p := &s.mu
	p.Unlock()
	s.locked() // want `locked needs`
	p.Lock()
	s.locked()
	s.mu.Unlock()
}

func (s *S) Chain() {
	s.next.mu.Lock()
	s.next.locked()
	n := s.next
	n.locked()
	s.next.next.locked() // want `locked needs s.next.next.mu held for writing`
	s.next = s.next.next
	n.locked()
	s.next.locked() // want `locked needs`
	n.mu.Unlock()
}

// List walks hand over hand: the lock goes with the variable to its next value.
func (s *S) List() {
	s.mu.Lock()
	for s.next != nil {
		n := s.next
		n.mu.Lock()
		s.mu.Unlock()
		s = n
		s.locked()
	}
	s.locked()
	s.mu.Unlock()
}

// Dropped gives the lock back before it has the next.
func (s *S) Dropped() {
	s.mu.Lock()
	for s.next != nil {
		n := s.next
		s.mu.Unlock()
		s = n
		s.locked() // want `locked needs`
		s.mu.Lock()
	}
	s.locked()
	s.mu.Unlock()
}

// Lost unlocks one of a list and goes on with the next.
func (s *S) Lost() {
	s.mu.Lock()
	for s.next != nil {
		s = s.next
		s.locked() // want `locked needs`
	}
}

func Elements(a *[4]S, xs []S) {
	a[0].mu.Lock()
	a[0].locked()
	a[1].locked() // want `locked needs a\[1\].mu held for writing`
	a[0].mu.Unlock()
	xs[2].mu.Lock()
	xs[2].locked()
	xs[1].locked() // want `locked needs`
	xs[2].mu.Unlock()
}

func Local() {
	var s S
	s.mu.Lock()
	s.locked()
	s.mu.Unlock()
	s.locked() // want `locked needs`
}

func LocalMutex() {
	var mu sync.Mutex
	mu.Lock()
	free(&mu)
	mu.Unlock()
	free(&mu) // want `free needs`
}

//mmvet:must_hold mu
func free(mu *sync.Mutex) {}

//mmvet:must_hold m
func viaParam(m *sync.RWMutex, s *S) {}

func (s *S) Param() {
	s.in.mu.Lock()
	viaParam(&s.in.mu, s)
	viaParam(&s.ptr.mu, s) // want `viaParam needs`
	s.in.mu.Unlock()
}

type hat struct {
	sync.Mutex
	n int
}

type deep struct {
	hat
	m int
}

//mmvet:must_hold d
func (d *deep) locked() {}

//mmvet:must_hold d.Mutex
func (d *deep) byMutex() {}

//mmvet:must_hold d.hat
func (d *deep) byHat() {}

func (d *deep) Use() {
	d.Lock()
	d.locked()
	d.byMutex()
	d.byHat()
	d.Unlock()
	d.locked()  // want `locked needs`
	d.byMutex() // want `byMutex needs`
	d.byHat()   // want `byHat needs`
	d.Mutex.Lock()
	d.locked()
	d.hat.Unlock()
	d.locked() // want `locked needs`
}

type ptrEmbed struct{ *S }

func (p ptrEmbed) Use() {
	p.mu.Lock()
	p.locked()
	p.S.locked()
	p.mu.Unlock()
	p.locked() // want `locked needs`
}

var (
	table struct {
		sync.Mutex
		m map[string]*S
	}
	root   S
	shared *S
	big    sync.RWMutex
)

//mmvet:must_hold table
func tableLocked() {}

//mmvet:must_hold root.mu
func rootLocked() {}

//mmvet:must_hold shared.mu
func sharedLocked() {}

//mmvet:must_hold_shared big
//mmvet:must_not_hold root.mu
func bigShared() {}

func Globals() {
	table.Lock()
	tableLocked()
	table.Unlock()
	tableLocked() // want `tableLocked needs`
	root.mu.Lock()
	rootLocked()
	root.locked()
	root.mu.Unlock()
	rootLocked() // want `rootLocked needs`
	shared.mu.Lock()
	sharedLocked()
	shared.locked()
	shared.mu.Unlock()
	sharedLocked() // want `sharedLocked needs`
	big.RLock()
	bigShared()
	big.RUnlock()
	bigShared() // want `bigShared needs`
}

func get(s *S) *S { return s }

// Getter is the same object twice.
func Getter(s *S) {
	get(s).mu.Lock()
	s.locked()
	get(s).locked()
	get(s).mu.Unlock()
}

// Of returns its field.
func (s *S) nextOf() *S { return s.next }

func (s *S) Accessor() {
	s.nextOf().mu.Lock()
	s.next.locked()
	s.nextOf().mu.Unlock()
	s.next.locked() // want `locked needs`
}

func Captured() {
	var mu sync.Mutex
	s := &S{}
	run := func() {
		free(&mu)
		s.locked()
	}
	mu.Lock()
	s.mu.Lock()
	run()
	s.mu.Unlock()
	run() // want `needs`
	mu.Unlock()
}

func Fresh() *S {
	s := &S{n: 1}
	s.mu.Lock()
	s.locked()
	s.mu.Unlock()
	return s
}

func Phi(c bool, a, b *S) {
	s := a
	if c {
		s = b
	}
	s.mu.Lock()
	s.locked()
	a.locked() // want `locked needs`
	s.mu.Unlock()
}

func Interface(x any) {
	s := x.(*S)
	s.mu.Lock()
	x.(*S).locked()
	s.mu.Unlock()
	if s, ok := x.(*S); ok {
		s.mu.Lock()
		s.locked()
		s.mu.Unlock()
	}
}
