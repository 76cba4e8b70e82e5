// Package atomicsleep reports calls that may sleep in atomic context.
//
// # Analyzer atomicsleep
//
// atomicsleep: check that nothing sleeps under a spinlock, in an RCU section or with interrupts off
//
// A task that sleeps in atomic context can be scheduled away while others spin for its lock, or while the grace period that
// it holds up is waited for. Which kernel functions sleep, and which lock kinds are atomic, is in the mm contract
// (Documentation/locking/locktypes.rst; might_sleep). A function of a port that states no contract sleeps if it calls one
// that does.
//
// This is WRONG:
//
//	SpinLock(&mm.PageTableLock)
//	IMmapLockWrite(mapping) // a rwsem: sleeps
//	SpinUnlock(&mm.PageTableLock)
//
// This is RIGHT:
//
//	IMmapLockWrite(mapping)
//	SpinLock(&mm.PageTableLock)
//	SpinUnlock(&mm.PageTableLock)
//	IMmapUnlockWrite(mapping)
//
// Known limits: only code over kernelshim is asked, since Go's locks are no atomic contexts; calls through interfaces are
// not followed.
package atomicsleep
