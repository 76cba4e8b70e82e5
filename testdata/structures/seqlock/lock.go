// Package seqlock is the sequence lock: writers exclude each other by a spinlock, readers take nothing, and read again if a writer
// was there meanwhile.
//
// seqlock_t of include/linux/seqlock.h; Lameter, "Effective Synchronization on Linux/NUMA Systems" (2005); Boehm, "Can Seqlocks Get
// Along with Programming Language Memory Models?" (MSPC 2012).
package seqlock

import . "github.com/mmvet/mmvet/kernelshim"

// A Lock has a sequence number that is odd while a writer is inside.
type Lock struct {
	Object
	Sequence Word[uint32]
	Writers  Spinlock
}

// NewLock makes a lock without writers.
func NewLock(k *Kernel) *Lock { return New[Lock](k, "seqlock") }

// Lock is write_seqlock.
func (l *Lock) Lock() {
	SpinLock(&l.Writers)
	WriteOnce(&l.Sequence, ReadOnce(&l.Sequence)+1)
	SmpWmb() // who sees what follows, sees the odd number
}

// Unlock is write_sequnlock.
func (l *Lock) Unlock() {
	SmpWmb() // who sees the even number, sees what was before
	WriteOnce(&l.Sequence, ReadOnce(&l.Sequence)+1)
	SpinUnlock(&l.Writers)
}

// ReadBegin is read_seqbegin: waits until no writer is inside, and returns the number.
func (l *Lock) ReadBegin() uint32 {
	return SmpCondLoadAcquire(&l.Sequence, func(n uint32) bool { return n&1 == 0 })
}

// ReadRetry is read_seqretry: whether a writer was inside since ReadBegin, so that what was read is void.
func (l *Lock) ReadRetry(start uint32) bool {
	SmpRmb() // what was read is older than the number that is read now
	return ReadOnce(&l.Sequence) != start
}
