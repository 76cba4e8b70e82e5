// Package rwlock is the reader-writer spinlock that model checkers know as linuxrwlocks: one word that starts at a bias, of which a
// reader takes one and a writer all.
//
// Lock is arch/x86/include/asm/spinlock.h and arch/x86/lib/rwlock.S until v3.10 (arch_read_lock, __read_lock_failed, arch_write_lock,
// __write_lock_failed), whose C11 version is tests/correct/data-structures/linuxrwlocks of GenMC. CondLock is what machines with
// exclusive loads and stores do (arch_read_lock of arch/arm/include/asm/spinlock.h), with the same numbers.
package rwlock

import . "github.com/mmvet/mmvet/kernelshim"

// Bias is what a free lock holds: RW_LOCK_BIAS.
const Bias = 0x100000

// A Lock is how many more readers there may be. Who takes more than there is gives it back, waits, and tries again; so the count
// may be negative.
type Lock struct {
	Object
	Count AtomicT
}

// NewLock makes a free lock.
func NewLock(k *Kernel) *Lock {
	return New(k, "rwlock", func(l *Lock) { l.Count.Init(Bias) })
}

// RLock is arch_read_lock.
func (l *Lock) RLock() {
	for AtomicSubReturnAcquire(1, &l.Count) < 0 {
		AtomicInc(&l.Count)
		SmpCondLoadRelaxed(&l.Count, func(v int32) bool { return v > 0 })
	}
}

// RUnlock is arch_read_unlock.
func (l *Lock) RUnlock() { AtomicAddReturnRelease(1, &l.Count) }

// Lock is arch_write_lock.
func (l *Lock) Lock() {
	for AtomicSubReturnAcquire(Bias, &l.Count) != 0 {
		AtomicAdd(Bias, &l.Count)
		SmpCondLoadRelaxed(&l.Count, func(v int32) bool { return v == Bias })
	}
}

// Unlock is arch_write_unlock.
func (l *Lock) Unlock() { AtomicAddReturnRelease(Bias, &l.Count) }

type giving = Lock

// A CondLock is a Lock of which nobody takes what is not there, so that an attempt that fails leaves nothing behind.
type CondLock struct{ *giving }

// NewCondLock makes a free lock.
func NewCondLock(k *Kernel) CondLock { return CondLock{NewLock(k)} }

// RLock is arch_read_lock.
func (l CondLock) RLock() {
	for AtomicDecIfPositive(&l.Count) < 0 {
		CpuRelax()
	}
}

// Lock is arch_write_lock.
func (l CondLock) Lock() {
	for CmpxchgAcquire(&l.Count, Bias, 0) != Bias {
		CpuRelax()
	}
}
