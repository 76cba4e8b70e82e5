// Package ttas is the test-and-test-and-set lock: it spins reading, and writes only when the lock looks free.
//
// Rudolph and Segall, "Dynamic Decentralized Cache Schemes for MIMD Parallel Processors" (ISCA 1984).
package ttas

import . "github.com/mmvet/mmvet/kernelshim"

// A Lock is 0 if it is free.
type Lock struct {
	Object
	Locked Word[int]
}

// NewLock makes a free lock.
func NewLock(k *Kernel) *Lock { return New[Lock](k, "ttas_lock") }

// Lock waits until the lock looks free, and tries to be the first.
func (l *Lock) Lock() {
	for {
		SmpCondLoadRelaxed(&l.Locked, func(v int) bool { return v == 0 })
		if CmpxchgAcquire(&l.Locked, 0, 1) == 0 {
			return
		}
		CpuRelax() // somebody else was
	}
}

// Unlock frees the lock.
func (l *Lock) Unlock() { SmpStoreRelease(&l.Locked, 0) }
