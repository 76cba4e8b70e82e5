// Package ticketlock is the ticket lock: whoever comes takes the next ticket, and waits until it is served.
//
// Mellor-Crummey and Scott, "Algorithms for Scalable Synchronization on Shared-Memory Multiprocessors" (TOCS 1991), section 2.2;
// ticket_spin_lock of include/asm-generic/ticket_spinlock.h, which keeps both numbers in one word.
package ticketlock

import . "github.com/mmvet/mmvet/kernelshim"

// A Lock is free if the next ticket is the one that is served.
type Lock struct {
	Object
	Next, Serving Word[uint32]
}

// NewLock makes a free lock.
func NewLock(k *Kernel) *Lock { return New[Lock](k, "ticket_lock") }

// Lock takes a ticket and waits for it.
func (l *Lock) Lock() {
	ticket := AtomicFetchAdd(1, &l.Next)
	// Pairs with the release in Unlock: what was done under the lock is seen.
	SmpCondLoadAcquire(&l.Serving, func(now uint32) bool { return now == ticket })
}

// Unlock serves the next ticket. Only the owner writes Serving, so it need not be atomic.
func (l *Lock) Unlock() {
	SmpStoreRelease(&l.Serving, ReadOnce(&l.Serving)+1)
}
