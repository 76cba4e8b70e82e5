package kernelshim

// Lockdep's assertions take no step: they are facts that the lock contract decides (package lockorder), from the names
// and arguments reported here.

// LockdepAssertHeld is lockdep_assert_held, include/linux/lockdep.h: the task must hold the lock, in any mode.
func LockdepAssertHeld(lock any) { enter("lockdep_assert_held", lock).leave() }

// LockdepAssertHeldWrite is lockdep_assert_held_write: the task must hold the lock for writing.
func LockdepAssertHeldWrite(lock any) { enter("lockdep_assert_held_write", lock).leave() }

// LockdepAssertHeldRead is lockdep_assert_held_read: the task must hold the lock for reading.
func LockdepAssertHeldRead(lock any) { enter("lockdep_assert_held_read", lock).leave() }

// LockdepAssertNotHeld is lockdep_assert_not_held.
func LockdepAssertNotHeld(lock any) { enter("lockdep_assert_not_held", lock).leave() }

// RwsemAssertHeld is rwsem_assert_held, include/linux/rwsem.h (v6.10).
func RwsemAssertHeld(sem *RwSemaphore) { enter("rwsem_assert_held", sem).leave() }

// RwsemAssertHeldWrite is rwsem_assert_held_write, include/linux/rwsem.h (v6.10).
func RwsemAssertHeldWrite(sem *RwSemaphore) { enter("rwsem_assert_held_write", sem).leave() }

// MightSleep is might_sleep, include/linux/kernel.h: the task must not be in atomic context.
func MightSleep() { enter("might_sleep").leave() }
