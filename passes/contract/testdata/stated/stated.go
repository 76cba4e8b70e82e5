// Package stated is the input of TestStated: every directive, and the fact that it becomes.
//
//mm:kernel v6.1
package stated

import (
	"sync"

	"github.com/mmvet/mmvet/kernelshim"
)

type S struct {
	mu sync.Mutex
	rw sync.RWMutex
	hat
	in *struct{ mu sync.Mutex }
}

type hat struct{ deep sync.Mutex }

var big sync.Mutex

//mmvet:must_hold s.mu
func (s *S) mustHold() {} // want mustHold:`^requires \*\(s.mu\) write$`

//mmvet:must_hold_shared s.rw
func (s *S) mustHoldShared() {} // want mustHoldShared:`^requires \*\(s.rw\) any$`

//mmvet:must_not_hold s.mu
func (s *S) mustNotHold() {} // want mustNotHold:`^excludes \*\(s.mu\)$`

//mmvet:acquires s.mu
func (s *S) acquires() { s.mu.Lock() } // want acquires:`^acquires \*\(s.mu\) write$`

//mmvet:acquires_shared s.rw
func (s *S) acquiresShared() {} // want acquiresShared:`^acquires \*\(s.rw\) read$`

//mmvet:releases s.mu
func (s *S) releases() {} // want releases:`^releases \*\(s.mu\) write$`

//mmvet:releases_shared s.rw
func (s *S) releasesShared() {} // want releasesShared:`^releases \*\(s.rw\) read$`

//mmvet:cond_acquires true s.mu
func (s *S) condTrue() bool { return false } // want condTrue:`^acquires \*\(s.mu\) write on #result0$`

//mmvet:cond_acquires false s.mu
func (s *S) condFalse() bool { return false } // want condFalse:`^acquires \*\(s.mu\) write on !#result0$`

//mmvet:cond_acquires nil s.mu
func (s *S) condNil() (int, error) { return 0, nil } // want condNil:`^acquires \*\(s.mu\) write on !#result1$`

//mmvet:cond_acquires_shared nonnil s.rw
func (s *S) condNonnil() *S { return nil } // want condNonnil:`^acquires \*\(s.rw\) read on #result0$`

//mmvet:cond_acquires true s.mu
func (s *S) condLast() (bool, int, bool) { return false, 0, false } // want condLast:`^acquires \*\(s.mu\) write on #result2$`

//mmvet:cond_acquires zero s.mu
func (s *S) condZero() int { return 0 } // want condZero:`^acquires \*\(s.mu\) write on !#result0$`

//mmvet:cond_acquires nonzero s.mu
func (s *S) condNonzero() int { return 0 } // want condNonzero:`^acquires \*\(s.mu\) write on #result0$`

// several locks in one directive, several directives, and a comment behind one
//
//mmvet:must_hold s.mu s.rw // both
//mmvet:must_not_hold big
func (s *S) several() {} // want several:`^requires \*\(s.mu\) write; requires \*\(s.rw\) write; excludes \*\(#pkg:.*stated.big\)$`

//mmvet:must_hold mu
//mmvet:must_hold &s.rw
//mmvet:must_hold deep
//mmvet:must_hold s.in.mu
func (s *S) spellings() {} // want spellings:`^requires \*\(s.mu\) write; requires \*\(s.rw\) write; requires \*\(s.deep\) write; requires \*\(s.in.mu\) write$`

//mmvet:must_hold mu
func param(mu *sync.Mutex) {} // want param:`^requires \*\(mu\) write$`

//mmvet:must_hold b.mu
func (b *box[T]) generic() {} // want generic:`^requires \*\(b.mu\) write$`

type box[T any] struct {
	mu sync.Mutex
	v  T
}

// ExpandUpwards is a port.
//
//mm:port expand_upwards mm/mmap.c v6.6
func ExpandUpwards(vma *kernelshim.VmAreaStruct, address uint64) int { return 0 } // want ExpandUpwards:`^port expand_upwards v6.6$`

// VmaLookupLocked has both.
//
//mm:port vma_lookup_locked mm/none.c v6.1
//mmvet:must_hold_shared mm.MmapLock
func VmaLookupLocked(mm *kernelshim.MmStruct) {} // want VmaLookupLocked:`^port vma_lookup_locked v6.1; requires \*\(mm.MmapLock\) any$`

// Nothing states nothing; a link such as mm:port in prose is no directive.
func Nothing() {}
