// Package buggy is the test-and-test-and-set lock whose set is relaxed: the owner may use what it read before it had the lock.
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/ttas"
)

type right = ttas.Lock

// A Lock is a ttas.Lock with another method Lock.
type Lock struct{ *right }

// NewLock makes a free lock.
func NewLock(k *Kernel) Lock { return Lock{ttas.NewLock(k)} }

// Lock waits until the lock looks free, and tries to be the first.
func (l Lock) Lock() {
	for {
		SmpCondLoadRelaxed(&l.Locked, func(v int) bool { return v == 0 })
		if CmpxchgRelaxed(&l.Locked, 0, 1) == 0 { // should be CmpxchgAcquire
			return
		}
		CpuRelax()
	}
}
