// Package guards has probes of what reads and what writes guarded data.
package guards

import "sync"

type inner struct{ x int }

type S struct {
	mu  sync.RWMutex
	m   map[string]int //mmvet:guarded_by mu
	l   []int          //mmvet:guarded_by mu
	arr [4]int         //mmvet:guarded_by mu
	in  inner          //mmvet:guarded_by mu
	p   *inner
	//mmvet:guarded_by mu
	a, b int
	c    int
}

//probe:map-write-under-rlock
func MapWrite(s *S) {
	s.mu.RLock()
	s.m["k"] = 1 // want "guardedby: writing an element of s.m needs .*held for writing"
	s.mu.RUnlock()
}

//probe:slice-write-under-rlock
func SliceWrite(s *S) {
	s.mu.RLock()
	s.l[0] = 1 // want "guardedby: writing an element of s.l needs"
	s.mu.RUnlock()
}

//probe:nested-write-under-rlock
func NestedWrite(s *S) {
	s.mu.RLock()
	s.in.x = 1 // want "guardedby: writing s.in needs"
	s.mu.RUnlock()
}

//probe:array-write-under-rlock
func ArrayWrite(s *S) {
	s.mu.RLock()
	s.arr[1] = 1 // want "guardedby: writing s.arr needs"
	s.mu.RUnlock()
}

//probe:writes-under-lock
func WritesFixed(s *S) {
	s.mu.Lock()
	s.m["k"], s.l[0], s.in.x, s.arr[1] = 1, 1, 1, 1
	delete(s.m, "k")
	s.mu.Unlock()
}

//probe:delete-under-rlock
func Delete(s *S) {
	s.mu.RLock()
	delete(s.m, "k") // want "guardedby: writing elements of s.m needs"
	s.mu.RUnlock()
}

//probe:range-and-delete-under-rlock
func RangeDelete(s *S) {
	s.mu.RLock()
	for k := range s.m {
		delete(s.m, k) // want "guardedby: writing elements of s.m needs"
	}
	s.mu.RUnlock()
}

//probe:range-without-lock
func Range(s *S) (n int) {
	for _, v := range s.m { // want "guardedby: reading s.m needs"
		n += v
	}
	return n
}

//probe:range-under-rlock
func RangeRead(s *S) (n int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, v := range s.m {
		n += v
	}
	return n
}

//probe:one-annotation-two-names
func TwoNames(s *S) {
	s.a = 1 // want "guardedby: writing s.a needs"
	s.b = 1 // want "guardedby: writing s.b needs"
	s.c = 1
}

//probe:alias-after-unlock
func AliasAfterUnlock(s *S) {
	s.mu.Lock()
	m := s.m
	s.mu.Unlock()
	m["k"] = 1 // want "guardedby: writing an element of s.m needs"
}

//probe:alias-under-lock
func AliasUnderLock(s *S) {
	s.mu.Lock()
	m := s.m
	m["k"] = 1
	s.mu.Unlock()
}

//probe:address-returned
func Address(s *S) *int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &s.a // want "guardedby: .*address of s.a"
}

//probe:struct-copied
func Copied(s *S) inner {
	t := s.in // want "guardedby: reading s.in needs"
	return t
}

//probe:struct-copied-under-lock
func CopiedFixed(s *S) inner {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.in
}

//probe:whole-struct-copied
func CopiedWhole(s *guarded) guarded {
	return *s // want "guardedby: reading a whole struct with s.n needs"
}

type guarded struct {
	mu *sync.Mutex
	n  int //mmvet:guarded_by mu
}

//probe:fresh-object
func Fresh() *S {
	s := &S{m: map[string]int{}}
	s.m["k"] = 1
	s.a = 2
	return s
}

//probe:published-object
func Published(out chan<- *S) {
	s := &S{m: map[string]int{}}
	out <- s
	s.a = 2 // want "guardedby: writing .*[.]a needs"
}
