package calls

import (
	"fmt"
	"sync"
)

// queued has a condition whose lock is the read side of its own.
type queued struct {
	rw    sync.RWMutex
	ready *sync.Cond
	n     int //mmvet:guarded_by rw
}

func newQueued() *queued {
	q := &queued{}
	q.ready = sync.NewCond(q.rw.RLocker())
	return q
}

//probe:cond-rlocker-then-lock
func (q *queued) Upgrade() {
	q.ready.L.Lock()
	q.rw.Lock() // want "lockbalance: q.rw is taken while it is held: the task waits for itself"
	q.n++
	q.rw.Unlock()
}

//probe:cond-rlocker-then-lock-fixed
func (q *queued) UpgradeFixed() {
	q.ready.L.Lock()
	for q.n == 0 {
		q.ready.Wait()
	}
	q.ready.L.Unlock()
	q.rw.Lock()
	q.n++
	q.rw.Unlock()
}

//probe:cond-rlocker-under-lock
func (q *queued) Nested() {
	q.rw.Lock()
	q.ready.L.Lock() // want "lockbalance: q.rw is taken while it is held: the task waits for itself"
	q.ready.Wait()
	q.ready.L.Unlock()
}

func (q *queued) add() {
	q.rw.Lock()
	defer q.rw.Unlock()
	q.n++
}

//probe:cond-rlocker-through-callee
func (q *queued) Consume() {
	q.ready.L.Lock()
	defer q.ready.L.Unlock()
	q.add() // want "lockexcluded: add must not be called with q.rw held"
}

//probe:cond-rlocker-through-callee-fixed
func (q *queued) ConsumeFixed() {
	q.ready.L.Lock()
	q.ready.L.Unlock()
	q.add()
}

//probe:cond-rlocker-written
func (q *queued) WrittenUnderRead() {
	q.ready.L.Lock()
	q.n++ // want "guardedby: writing q.n needs q.rw held for writing \(it is held for reading\)"
	q.ready.L.Unlock()
}

type wrapped struct {
	q *queued
}

func (w *wrapped) read() int {
	w.q.rw.RLock()
	defer w.q.rw.RUnlock()
	return w.q.n
}

// A writer between the two read locks waits for the first, and the second waits for the writer.
//
//probe:recursive-read-with-writer
func (w *wrapped) Sum() int {
	w.q.rw.RLock()
	defer w.q.rw.RUnlock()
	return w.q.n + w.read() // want "lockexcluded: read must not be called with w.q.rw held"
}

func (w *wrapped) Grow() {
	w.q.rw.Lock()
	w.q.n++
	w.q.rw.Unlock()
}

//probe:recursive-read-with-writer-fixed
func (w *wrapped) SumFixed() int {
	w.q.rw.RLock()
	n := w.q.n
	w.q.rw.RUnlock()
	return n + w.read()
}

//probe:error-after-unlock
func ThroughErrorFixed(s *S) error {
	s.mu.Lock()
	s.mu.Unlock()
	return fmt.Errorf("failed: %w", &failure{s})
}

//probe:once-after-unlock
func OnceAfterUnlock(s *S, o *sync.Once) {
	s.mu.Lock()
	s.mu.Unlock()
	o.Do(func() {
		s.mu.Lock()
		s.mu.Unlock()
	})
}
