package unsaid

import (
	"errors"
	"fmt"
	"sync"
)

type tree struct {
	mu   sync.RWMutex
	root *leaf
}

type leaf struct {
	of   *tree
	mu   sync.Mutex
	refs int
	kids map[string]*leaf
	self namer
}

type namer interface{ leafName() string }

func (l *leaf) leafName() string { return fmt.Sprintf("leaf %p", l) }

func newLeaf(t *tree) *leaf {
	l := &leaf{of: t}
	l.self = l
	return l
}

// destroyLocked drops what the leaf refers to.
//
// Preconditions:
//   - l.of.mu must be locked for writing.
func (l *leaf) destroyLocked() { l.refs = -1 }

var errBad = errors.New("bad")

//probe:new-object-is-not-locked
func Lookup(t *tree, names []string) (*leaf, error) {
	l := newLeaf(t)
	each(names, func(n string) { l.refs += len(n) })
	if l.refs == 0 {
		l.destroyLocked()
		return nil, errBad
	}
	return l, nil
}

func each(names []string, f func(string)) {
	for _, n := range names {
		f(n)
	}
}

//probe:published-object-is-locked
func LookupPublished(t *tree, names []string) (*leaf, error) {
	l := newLeaf(t)
	t.root = l
	if len(names) == 0 {
		l.destroyLocked() // want "lockheld: destroyLocked needs .*mu held for writing"
		return nil, errBad
	}
	return l, nil
}

//probe:object-that-a-callee-publishes
func LookupHanded(t *tree, names []string) (*leaf, error) {
	l := newLeaf(t)
	plant(t, l)
	if len(names) == 0 {
		l.destroyLocked() // want "lockheld: destroyLocked needs .*mu held for writing"
		return nil, errBad
	}
	return l, nil
}

func plant(t *tree, l *leaf) { t.root = l }

type cleanup struct{ f func() }

func (c *cleanup) clean() {
	if c.f != nil {
		c.f()
	}
}

//probe:new-object-is-not-locked-by-a-cleanup
func Build(t *tree, bad bool) (*leaf, error) {
	l := newLeaf(t)
	c := makeCleanup(func() { l.destroyLocked() })
	defer c.clean()
	if bad {
		return nil, errBad
	}
	c.f = nil
	return l, nil
}

func makeCleanup(f func()) cleanup { return cleanup{f} }

//probe:new-object-is-locked-by-a-goroutine
func BuildBeside(t *tree) *leaf {
	l := newLeaf(t)
	go func() {
		l.destroyLocked() // want "lockheld: destroyLocked needs .*mu held for writing"
	}()
	return l
}

// A visitor is all that a register knows of what is registered.
type visitor interface{ visit() }

type register interface{ add(v visitor) }

type space struct {
	mapping sync.Mutex
	active  sync.Mutex
	n       int
}

func (s *space) visit() {
	s.active.Lock()
	defer s.active.Unlock()
	s.n++
}

// Preconditions: s.mapping must be locked for writing.
func (s *space) removeLocked() { s.n = 0 }

//probe:known-by-methods-that-leave-the-lock-alone
func Fork(r register, bad bool) *space {
	s := &space{n: 1}
	r.add(s)
	if bad {
		s.removeLocked()
		return nil
	}
	return s
}

type wideSpace struct {
	mapping sync.Mutex
	n       int
}

func (s *wideSpace) visit() {
	s.mapping.Lock()
	defer s.mapping.Unlock()
	s.n++
}

// Preconditions: s.mapping must be locked for writing.
func (s *wideSpace) removeLocked() { s.n = 0 }

//probe:known-by-methods-that-take-the-lock
func ForkWide(r register, bad bool) *wideSpace {
	s := &wideSpace{n: 1}
	r.add(s)
	if bad {
		s.removeLocked() // want "lockheld: removeLocked needs .*mapping held for writing"
		return nil
	}
	return s
}
