package calls

import (
	"iter"
	"maps"
	"slices"
	"sync"
)

type bag struct {
	mu    sync.Mutex
	items map[string]int //mmvet:guarded_by mu
	n     int            //mmvet:guarded_by mu
}

//mmvet:must_hold b.mu
func (b *bag) count() { b.n++ }

func (b *bag) inc() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n++
}

//probe:range-func-needs-lock
func (b *bag) CountAll(seq iter.Seq[int]) {
	for range seq { // want "lockheld: the loop body needs b.mu held for writing"
		b.count()
	}
}

//probe:range-func-under-lock
func (b *bag) CountAllUnder(seq iter.Seq[int]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for x := range seq {
		b.count()
		b.n += x
	}
	for k := range maps.Keys(b.items) {
		b.items[k]++
	}
}

//probe:range-func-double-lock
func (b *bag) IncAll(list []int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range slices.Values(list) { // want "lockexcluded: the loop body must not be called with b.mu held"
		b.inc()
	}
}

//probe:range-func-lock-inside
func (b *bag) IncEach(list []int) {
	for range slices.Values(list) {
		b.inc()
	}
	b.mu.Lock()
	b.n++
	b.mu.Unlock()
}

//probe:range-func-leak
func (b *bag) LockEach(list []int) {
	for range slices.Values(list) { // want "lockexcluded: the loop body must not be called with b.mu held"
		b.mu.Lock()
		b.n++
	}
}

//probe:range-func-guard
func (b *bag) AddAll(seq iter.Seq[int]) {
	for x := range seq { // want "lockheld: the loop body needs b.mu held for writing"
		b.n += x
	}
}

//probe:range-func-unlock-and-return
func (b *bag) Find(seq iter.Seq[int]) bool {
	b.mu.Lock()
	for x := range seq {
		if x == b.n {
			b.mu.Unlock()
			return true
		}
	}
	b.mu.Unlock()
	return false
}

//probe:range-func-return-with-lock
func (b *bag) FindLeaks(seq iter.Seq[int]) bool {
	b.mu.Lock()
	for x := range seq {
		if x == b.n {
			return true // want "lockbalance: b.mu is still held at the end"
		}
	}
	b.mu.Unlock()
	return false
}

//probe:range-func-break-with-lock
func (b *bag) Each(list []int) {
	for x := range slices.Values(list) {
		b.mu.Lock()
		if x == b.n {
			b.mu.Unlock()
			continue
		}
		b.n++
		b.mu.Unlock()
	}
}

// All holds the lock while it is ranged over.
func (b *bag) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, x := range b.items {
			if !yield(x) {
				return
			}
		}
	}
}

// Walk does so too, as a method that is ranged over itself.
func (b *bag) Walk(yield func(int) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, x := range b.items {
		if !yield(x) {
			return
		}
	}
}

//probe:range-func-iterator-holds
func (b *bag) Sum() {
	for range b.All() {
		b.count()
	}
	for range b.Walk {
		b.count()
	}
}

//probe:range-func-iterator-deadlock
func (b *bag) IncWhileWalking() {
	for range b.Walk { // want "lockexcluded: the loop body must not be called with b.mu held"
		b.inc()
	}
}

//probe:range-func-iterator-under-lock
func (b *bag) WalkUnderLock() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range b.Walk { // want "lockexcluded: Walk must not be called with b.mu held"
	}
}
