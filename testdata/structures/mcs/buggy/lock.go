// Package buggy is the MCS lock that is handed over by a plain store: the compiler and the CPU may do it early, and it races with
// the successor, which polls.
package buggy

import (
	"sync"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/mcs"
)

// A Handle is an mcs.Handle with another Unlock.
type Handle struct{ mcs.Handle }

// NewLock makes a free lock for so many CPUs, and returns it as each of them takes it.
func NewLock(k *Kernel, cpus int) (handles []sync.Locker) {
	for _, h := range mcs.Handles(k, cpus) {
		handles = append(handles, Handle{h})
	}
	return handles
}

// Unlock hands the lock over to the successor, if there is one.
func (h Handle) Unlock() {
	if next := h.Successor(); next != nil { // want `pairing: cmpxchg_release of Lock.Tail does not order the store to Node.Locked`
		next.Locked.Set(1) // should be SmpStoreRelease // want `markedaccess: Node.Locked is stored plainly`
	}
}
