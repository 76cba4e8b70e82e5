// Package handles has probes of locks that an object gives back which was made when they were taken: transactions, cursors,
// guards.
package handles

import (
	"errors"
	"sync"
	"sync/atomic"
)

type Store struct {
	mu sync.RWMutex
	n  int //mmvet:guarded_by mu
}

// Txn is what callers know of a transaction.
type Txn interface {
	Put(n int)
	End()
}

type txn struct{ s *Store }

//mmvet:must_hold t.s.mu
func (t *txn) Put(n int) { t.s.n = n }

func (t *txn) End() { t.s.mu.Unlock() }

// begin returns the transaction as what it is.
func (s *Store) begin() *txn {
	s.mu.Lock()
	return &txn{s: s}
}

// Begin returns it as an interface, inside of another that counts.
func (s *Store) Begin() Txn {
	s.mu.RLock()
	return counted(&viewed{s: s})
}

type viewed struct{ s *Store }

func (t *viewed) Put(int) {}

func (t *viewed) End() { t.s.mu.RUnlock() }

type counting struct {
	Txn
	n int
}

func counted(t Txn) Txn { return &counting{t, 0} }

func (c *counting) Put(n int) { c.n++; c.Txn.Put(n) }

func (c *counting) End() { c.Txn.End() }

//probe:transaction-gives-the-lock-back
func Twice(s *Store) {
	t := s.begin()
	t.Put(1)
	t.End()
	t = s.begin()
	t.Put(2)
	t.End()
}

//probe:transaction-not-ended
func NotEnded(s *Store) {
	t := s.begin()
	t.Put(1)
	t = s.begin() // want "lockexcluded: begin must not be called with"
	t.Put(2)
	t.End()
}

//probe:write-behind-the-transaction
func Behind(s *Store) {
	t := s.begin()
	t.Put(1)
	t.End()
	s.n = 2 // want "guardedby: writing s.n needs"
}

//probe:interface-gives-the-lock-back
func Views(s *Store) {
	for range 3 {
		t := s.Begin()
		t.Put(1)
		t.End()
	}
	t := s.Begin()
	t.End()
	s.mu.Lock()
	s.n = 1
	s.mu.Unlock()
}

//probe:view-under-the-lock
func ViewUnderLock(s *Store) {
	s.mu.Lock()
	s.n = 1
	t := s.Begin() // want "lockexcluded: Begin must not be called with s.mu held"
	t.End()
	s.mu.Unlock()
}

type Locked struct {
	mu sync.Mutex
	n  int //mmvet:guarded_by mu
}

// Ender is what of Locked is called through an interface, so that nobody knows whose lock it is there.
type Ender interface{ Leave() }

func (l *Locked) Enter() { l.mu.Lock() }

func (l *Locked) Leave() { l.mu.Unlock() }

func end(e Ender) { e.Leave() }

//probe:unlock-is-also-a-method-of-an-interface
func EnterTwice(l *Locked) {
	l.Enter()
	l.n++
	l.Leave()
	l.Enter()
	l.n++
	l.Leave()
}

//probe:unlock-is-also-a-method-of-an-interface-buggy
func EnterAgain(l *Locked) {
	l.Enter()
	l.n++
	l.Enter() // want "lockexcluded: Enter must not be called with"
	l.Leave()
	l.n++ // want "guardedby: writing l.n needs"
}

//probe:lock-given-back-through-an-interface
func EndThrough(l *Locked) {
	l.Enter()
	l.n++
	end(l)
}

type Pool struct {
	mu   sync.Mutex
	free []*Locked
}

// get returns one with its lock, or says why it has none.
func (p *Pool) get(n int) (*Locked, error) {
	if n > len(p.free) {
		return nil, errNone
	}
	l := p.free[n]
	l.mu.Lock()
	return l, nil
}

var errNone = errors.New("none")

//probe:lock-where-the-error-is-nil
func UseOne(p *Pool) error {
	l, err := p.get(1)
	if err != nil {
		return err
	}
	l.n++
	l.mu.Unlock()
	return nil
}

//probe:lock-where-the-error-is-nil-buggy
func UseNone(p *Pool) error {
	l, err := p.get(1)
	if err == nil {
		return nil
	}
	l.n++ // want "guardedby: writing l.n needs"
	return err
}

type cursor struct {
	store *Store
	txn   *txn
}

// open keeps the transaction until close ends it.
func (c *cursor) open() { c.txn = c.store.begin() }

func (c *cursor) close() {
	c.txn.End()
	c.txn = nil
}

//probe:transaction-that-is-kept
func Reopen(c *cursor) {
	c.open()
	c.close()
	c.open()
	c.close()
}

//probe:transaction-opened-under-the-lock
func OpenUnder(c *cursor) {
	c.store.mu.Lock()
	c.open() // want "lockexcluded: open must not be called with"
	c.store.mu.Unlock()
}

type ledger struct {
	mu    sync.Mutex
	logMu sync.Mutex
	n     int //mmvet:guarded_by mu
	lines int //mmvet:guarded_by logMu
}

// A page holds the lock of the log until it is closed. It is opened under the ledger's lock, which it leaves alone.
type page struct {
	of *ledger
	at int
}

func openPage(l *ledger) *page {
	l.logMu.Lock()
	return &page{l, l.n}
}

func (p *page) Close() { p.of.logMu.Unlock() }

//probe:scope-leaves-the-lock-that-it-needs
func Enter(l *ledger) {
	l.mu.Lock()
	p := openPage(l)
	l.lines++
	p.Close()
	l.n++
	l.mu.Unlock()
}

//probe:scope-gives-back-its-own-lock
func EnterLate(l *ledger) {
	l.mu.Lock()
	p := openPage(l)
	p.Close()
	l.lines++ // want "guardedby: writing l.lines needs l.logMu held"
	l.mu.Unlock()
}

// A spinMutex is a lock by its name and methods; what they do is not looked into.
type spinMutex struct{ state atomic.Int32 }

func (s *spinMutex) Lock() {
	for !s.state.CompareAndSwap(0, 1) {
	}
}

func (s *spinMutex) Unlock() { s.state.Store(0) }

// take is a function that is a lock itself: its body is none of the analysis' business.
//
//mmvet:acquires s
//mmvet:ignore lockheld it implements the lock
func take(s *spinMutex) { s.state.Store(1) }

//mmvet:releases s
//mmvet:ignore lockbalance it implements the lock
func give(s *spinMutex) { s.state.Store(0) }

//probe:lock-that-functions-implement
func Spin(s *spinMutex) {
	take(s)
	give(s)
	s.Lock()
	s.Unlock()
}

//probe:lock-that-functions-implement-twice
func SpinTwice(s *spinMutex) {
	take(s)
	take(s) // want "lockbalance: s is taken while it is held: the task waits for itself"
	give(s)
}

type title string

func (t title) String() string { return string(t) }

//probe:interface-that-leads-to-no-lock
func (s *Store) Title(long bool) interface{ String() string } {
	s.mu.Lock()
	if long {
		return title("long") // want "lockbalance: s.mu is still held at the end"
	}
	s.mu.Unlock()
	return title("short")
}
