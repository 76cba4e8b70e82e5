// Package buggy is the queued spinlock whose first waiter sees the owner go away by a relaxed load: it may take the lock and yet not see
// what the owner did.
package buggy

import (
	"sync"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/qspinlock"
)

// A CPU is a qspinlock.CPU with another Slowpath.
type CPU struct{ qspinlock.CPU }

// NewLock makes a free lock for so many CPUs, and returns it as each of them takes it.
func NewLock(k *Kernel, cpus int) (handles []sync.Locker) {
	for _, c := range qspinlock.CPUs(k, cpus) {
		handles = append(handles, CPU{c})
	}
	return handles
}

// Lock is queued_spin_lock.
func (c CPU) Lock() {
	if val := CmpxchgAcquire(c.Val, 0, qspinlock.LockedVal); val != 0 {
		c.Slowpath(val)
	}
}

// Slowpath is queued_spin_lock_slowpath.
func (c CPU) Slowpath(val int32) {
	if val == qspinlock.PendingVal {
		val = AtomicRead(c.Val)
	}
	if val&^qspinlock.LockedMask != 0 {
		c.Queue()
		return
	}
	val = AtomicFetchOrAcquire(qspinlock.PendingVal, c.Val)
	if val&^qspinlock.LockedMask != 0 {
		if val&qspinlock.PendingMask == 0 {
			AtomicAndnot(qspinlock.PendingVal, c.Val)
		}
		c.Queue()
		return
	}
	if val&qspinlock.LockedMask != 0 {
		SmpCondLoadRelaxed(c.Val, func(v int32) bool { return v&qspinlock.LockedMask == 0 }) // should be SmpCondLoadAcquire
	}
	AtomicAdd(qspinlock.LockedVal-qspinlock.PendingVal, c.Val)
}
