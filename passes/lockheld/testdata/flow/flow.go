// Package flow is the input of TestFlow: every way in which control can run from a lock to its use.
package flow

import "sync"

type S struct {
	mu sync.Mutex
	rw sync.RWMutex
	n  int
}

//mmvet:must_hold s.mu
func (s *S) locked() {}

//mmvet:must_hold_shared s.rw
func (s *S) shared() {}

var flag bool

func cond() bool { return flag }

func (s *S) EarlyReturn(c bool) {
	s.mu.Lock()
	if c {
		s.mu.Unlock()
		s.locked() // want `locked needs`
		return
	}
	s.locked()
	s.mu.Unlock()
}

func (s *S) UnlockInLoop(n int) {
	s.mu.Lock()
	for i := range n {
		if i == 7 {
			s.mu.Unlock()
			s.mu.Lock()
		}
		s.locked()
	}
	s.mu.Unlock()
}

func (s *S) BreakWithLock(xs []int) {
	for _, x := range xs {
		s.mu.Lock()
		if x == 0 {
			break
		}
		s.mu.Unlock()
	}
	s.locked() // want `held for writing \(it is held on some paths only\)`
}

// BreakAlways leaves the loop in one way only.
func (s *S) BreakAlways() {
	for {
		s.mu.Lock()
		if cond() {
			break
		}
		s.mu.Unlock()
	}
	s.locked()
	s.mu.Unlock()
}

func (s *S) Labels(rows [][]int) {
	s.mu.Lock()
outer:
	for _, row := range rows {
		for _, x := range row {
			switch x {
			case 0:
				continue outer
			case 1:
				break outer
			}
			s.locked()
		}
		s.locked()
	}
	s.locked()
	s.mu.Unlock()
}

func (s *S) LabelledUnlock(rows [][]int) {
outer:
	for _, row := range rows {
		s.mu.Lock()
		for _, x := range row {
			if x == 0 {
				s.mu.Unlock()
				continue outer
			}
			s.locked()
		}
		s.locked()
		s.mu.Unlock()
	}
}

func (s *S) Goto(c bool) int {
	s.mu.Lock()
	if c {
		goto out
	}
	s.locked()
out:
	s.locked()
	s.mu.Unlock()
	return s.n
}

func (s *S) GotoPastLock(c bool) {
	if c {
		goto use
	}
	s.mu.Lock()
use:
	s.locked() // want `locked needs .*held on some paths only`
}

// Retry goes back without the lock, as page faults do.
func (s *S) Retry() {
retry:
	s.mu.Lock()
	s.locked()
	if cond() {
		s.mu.Unlock()
		goto retry
	}
	s.locked()
	s.mu.Unlock()
}

func (s *S) Fallthrough(x int) {
	switch x {
	case 0:
		s.mu.Lock()
		fallthrough
	case 1:
		s.locked() // want `held on some paths only`
	default:
		s.mu.Lock()
		s.locked()
	}
}

func (s *S) Switch(x int) {
	switch x {
	case 0, 1:
		s.mu.Lock()
	case 2:
		return
	default:
		s.mu.Lock()
	}
	s.locked()
	s.mu.Unlock()
}

func (s *S) SwitchTrue(a, b bool) {
	switch {
	case a:
		s.mu.Lock()
	case b:
		return
	}
	if a {
		s.locked()
	}
	s.locked() // want `locked needs`
}

func (s *S) TypeSwitch(x any) {
	switch x := x.(type) {
	case *S:
		x.mu.Lock()
		x.locked()
		x.mu.Unlock()
	case nil:
		s.mu.Lock()
	default:
		return
	}
	s.locked() // want `locked needs`
}

func (s *S) Select(a, b chan int) {
	s.mu.Lock()
	select {
	case <-a:
		s.locked()
	case b <- 1:
		s.mu.Unlock()
		return
	default:
	}
	s.locked()
	s.mu.Unlock()
	select {
	case <-a:
		s.locked() // want `locked needs`
	}
}

func (s *S) ShortCircuit(c bool) {
	if c && s.mu.TryLock() {
		s.locked()
		s.mu.Unlock()
	}
	if c || s.mu.TryLock() {
		s.locked() // want `locked needs`
	}
	if !c || !s.mu.TryLock() {
		return
	}
	s.locked()
	s.mu.Unlock()
}

// TryNamed keeps the result and tests it later.
func (s *S) TryNamed() {
	ok := s.mu.TryLock()
	s.n++
	if !ok {
		return
	}
	s.locked()
	s.mu.Unlock()
}

func (s *S) TryElseLock() {
	if !s.mu.TryLock() {
		s.mu.Lock()
	}
	s.locked()
	s.mu.Unlock()
}

// TryBackout takes locks in the wrong order by a trylock and backs out where that fails.
func (s *S) TryBackout(t *S) {
	t.mu.Lock()
	for !s.mu.TryLock() {
		t.mu.Unlock()
		s.mu.Lock()
		if t.mu.TryLock() {
			break
		}
		s.mu.Unlock()
		t.mu.Lock()
	}
	s.locked()
	t.locked()
	s.mu.Unlock()
	t.mu.Unlock()
}

// TwoFlags holds under one of two conditions, and uses it under both.
func (s *S) TwoFlags(a, b bool) {
	if a && b {
		s.mu.Lock()
	}
	if a {
		if b {
			s.locked()
		} else {
			s.locked() // want `locked needs`
		}
	}
	if a && b {
		s.mu.Unlock()
	}
}

// Negated tests the same comparison the other way round.
func (s *S) Negated(n int) {
	if n != 0 {
		s.mu.Lock()
	}
	if n == 0 {
		return
	}
	s.locked()
	s.mu.Unlock()
}

// Bits tests a bit of flags, as TTU_RMAP_LOCKED.
func (s *S) Bits(flags uint) {
	const locked = 4
	if flags&locked == 0 {
		s.mu.Lock()
	}
	if flags&locked == 0 {
		s.locked()
		s.mu.Unlock()
	}
	if flags&locked != 0 {
		s.locked() // want `locked needs`
	}
}

// Changed tests another value under the same name.
func (s *S) Changed(c bool) {
	if c {
		s.mu.Lock()
	}
	c = cond()
	if c {
		s.locked() // want `locked needs`
	}
}

func (s *S) ChangedField(o *struct{ c bool }) {
	if o.c {
		s.mu.Lock()
	}
	o.c = true
	if o.c {
		s.locked() // want `locked needs`
	}
}

// Pointer holds the lock of what was found, if something was.
func Pointer(m map[string]*S) {
	s := m["x"]
	if s != nil {
		s.mu.Lock()
	}
	if s != nil {
		s.locked()
		s.mu.Unlock()
	}
}

func (s *S) Panics(c bool) {
	if c {
		s.mu.Lock()
	} else {
		panic("no")
	}
	s.locked()
	s.mu.Unlock()
}

func (s *S) Recovers() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if recover() != nil {
			s.n = 0
		}
	}()
	s.locked()
	return nil
}

func (s *S) Modes(c bool) {
	s.rw.RLock()
	s.shared()
	s.rw.RUnlock()
	s.shared() // want `shared needs s.rw held$`
	if c {
		s.rw.Lock()
	} else {
		s.rw.RLock()
	}
	s.shared()
	if c {
		s.rw.Unlock()
	} else {
		s.rw.RUnlock()
	}
}

// RangeFunc runs the body as a function, with what is held around it.
func (s *S) RangeFunc(seq func(func(int) bool)) {
	s.mu.Lock()
	for x := range seq {
		if x == 0 {
			continue
		}
		s.locked()
	}
	s.mu.Unlock()
	for range seq { // want `the loop body needs s.mu`
		s.locked()
	}
}

func (s *S) Forever() {
	s.mu.Lock()
	for {
		s.locked()
	}
}

func (s *S) Empty(n int) {
	for range n {
	}
	s.mu.Lock()
	for s.n < n {
		s.n++
	}
	s.locked()
	s.mu.Unlock()
}
