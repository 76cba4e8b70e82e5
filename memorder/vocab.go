package memorder

// A Kind says what an event does to memory. Source: tools/memory-model/linux-kernel.def and lock.cat.
type Kind uint8

// The kinds of events.
const (
	Read         Kind = iota // R: a load of ordinary memory
	Write                    // W: a store to ordinary memory
	Fence                    // F: orders other events, touches no location
	SyncSRCU                 // SRCU: synchronize_srcu; has a location but neither reads nor writes it
	LockRead                 // LKR: the reading half of a lock acquisition
	LockWrite                // LKW: the writing half of a lock acquisition
	Unlock                   // UL: spin_unlock
	LockFail                 // LF: a trylock that failed
	ReadLocked               // RL: spin_is_locked that returned true
	ReadUnlocked             // RU: spin_is_locked that returned false
)

// A Tag is the annotation that the kernel's primitive puts on an event: how an access is marked, or which fence it is.
// Source: tools/memory-model/linux-kernel.bell.
type Tag uint8

// The tags. Plain to Noreturn mark accesses; the rest name fences and SRCU accesses.
const (
	Plain    Tag = iota // an unmarked C access
	Once                // READ_ONCE, WRITE_ONCE, relaxed atomics
	Acquire             // smp_load_acquire and the _acquire atomics
	Release             // smp_store_release and the _release atomics
	Mb                  // value-returning atomics without suffix; as a fence, smp_mb
	Noreturn            // atomics that return no value

	Rmb                 // smp_rmb
	Wmb                 // smp_wmb
	Barrier             // barrier(): the compiler only
	BeforeAtomic        // smp_mb__before_atomic
	AfterAtomic         // smp_mb__after_atomic
	AfterSpinlock       // smp_mb__after_spinlock
	AfterUnlockLock     // smp_mb__after_unlock_lock
	AfterSRCUReadUnlock // smp_mb__after_srcu_read_unlock
	RCULock             // rcu_read_lock
	RCUUnlock           // rcu_read_unlock
	SyncRCU             // synchronize_rcu
	SRCULock            // srcu_read_lock
	SRCUUnlock          // srcu_read_unlock
)
