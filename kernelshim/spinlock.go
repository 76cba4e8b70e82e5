package kernelshim

// A Spinlock is spinlock_t, include/linux/spinlock_types.h. It is held by one task, which must not sleep meanwhile. To
// wait for it is to be disabled, not to spin. That a holder of a spinlock delays RCU grace periods is not modelled:
// readers that rely on it must use RcuReadLock.
type Spinlock struct{ cell[exclusive] }

// SpinLock is spin_lock, include/linux/spinlock.h. Acquire. Does not sleep.
func SpinLock(lock *Spinlock) {
	defer enter("spin_lock", lock).leave()
	lockExclusive(&lock.cell, "spin_lock")
}

// SpinLockNested is spin_lock_nested: spin_lock with a lockdep subclass.
func SpinLockNested(lock *Spinlock, subclass int) {
	defer enter("spin_lock_nested", lock, subclass).leave()
	lockExclusive(&lock.cell, "spin_lock_nested")
}

// SpinTrylock is spin_trylock: takes the lock if it is free. Acquire on success only.
func SpinTrylock(lock *Spinlock) bool {
	c := enter("spin_trylock", lock)
	return leave(c, tryExclusive(&lock.cell, "spin_trylock"))
}

// SpinUnlock is spin_unlock. Release.
func SpinUnlock(lock *Spinlock) {
	defer enter("spin_unlock", lock).leave()
	unlockExclusive(&lock.cell, "spin_unlock")
}

// SpinLockIrq is spin_lock_irq: disables interrupts and takes the lock.
func SpinLockIrq(lock *Spinlock) {
	defer enter("spin_lock_irq", lock).leave()
	irqOff("local_irq_disable")
	lockExclusive(&lock.cell, "spin_lock_irq")
}

// SpinUnlockIrq is spin_unlock_irq: gives the lock back and enables interrupts, as local_irq_enable does: not inside
// another section with interrupts off.
func SpinUnlockIrq(lock *Spinlock) {
	defer enter("spin_unlock_irq", lock).leave()
	unlockExclusive(&lock.cell, "spin_unlock_irq")
	irqEnable("local_irq_enable")
}

// SpinLockIrqsave is spin_lock_irqsave: disables interrupts and takes the lock. Nesting is counted, so that there are no
// flags to save.
func SpinLockIrqsave(lock *Spinlock) {
	defer enter("spin_lock_irqsave", lock).leave()
	irqOff("local_irq_save")
	lockExclusive(&lock.cell, "spin_lock_irqsave")
}

// SpinUnlockIrqrestore is spin_unlock_irqrestore: gives the lock back and restores interrupts.
func SpinUnlockIrqrestore(lock *Spinlock) {
	defer enter("spin_unlock_irqrestore", lock).leave()
	unlockExclusive(&lock.cell, "spin_unlock_irqrestore")
	irqOn("local_irq_restore")
}

// SpinIsLocked is spin_is_locked: whether anybody holds the lock. Unordered.
func SpinIsLocked(lock *Spinlock) bool { return isLocked(&lock.cell, "spin_is_locked") }
