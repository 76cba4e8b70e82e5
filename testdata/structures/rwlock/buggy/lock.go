// Package buggy is the reader-writer lock whose writer gives it back by atomic_add: atomics that return nothing order nothing.
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/rwlock"
)

// A CondLock is a rwlock.CondLock with another Unlock.
type CondLock struct{ rwlock.CondLock }

// NewCondLock makes a free lock.
func NewCondLock(k *Kernel) CondLock { return CondLock{rwlock.NewCondLock(k)} }

// Unlock is arch_write_unlock.
func (l CondLock) Unlock() {
	AtomicAdd(rwlock.Bias, &l.Count) // should be AtomicAddReturnRelease
}
