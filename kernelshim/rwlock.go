package kernelshim

// An RwlockT is rwlock_t, include/linux/rwlock_types.h: a spinlock that one writer or many readers hold, who must not sleep
// meanwhile; tasklist_lock is one, and the lock of a zsmalloc pool. To wait for it is to be disabled, not to spin. A reader may
// take it again. Readers commute, as those of an RwSemaphore do. As with a Spinlock it is not modelled that a holder delays RCU
// grace periods, nor that a writer who waits keeps new readers out.
type RwlockT struct{ cell[shared] }

// ReadLock is read_lock, include/linux/rwlock.h: takes the lock for reading. Acquire. Does not sleep.
func ReadLock(lock *RwlockT) {
	defer enter("read_lock", lock).leave()
	lockRead(&lock.cell, "read_lock")
}

// ReadTrylock is read_trylock, include/linux/rwlock.h: takes the lock for reading if no writer holds it. Acquire on success only.
func ReadTrylock(lock *RwlockT) bool {
	c := enter("read_trylock", lock)
	return leave(c, tryRead(&lock.cell, "read_trylock"))
}

// ReadUnlock is read_unlock, include/linux/rwlock.h: ends the task's read lock. Release.
func ReadUnlock(lock *RwlockT) {
	defer enter("read_unlock", lock).leave()
	unlockRead(&lock.cell, "read_unlock")
}

// ReadLockIrq is read_lock_irq, include/linux/rwlock.h: disables interrupts and takes the lock for reading.
func ReadLockIrq(lock *RwlockT) {
	defer enter("read_lock_irq", lock).leave()
	irqOff("local_irq_disable")
	lockRead(&lock.cell, "read_lock_irq")
}

// ReadUnlockIrq is read_unlock_irq, include/linux/rwlock.h: ends the task's read lock and enables interrupts, as
// spin_unlock_irq does.
func ReadUnlockIrq(lock *RwlockT) {
	defer enter("read_unlock_irq", lock).leave()
	unlockRead(&lock.cell, "read_unlock_irq")
	irqEnable("local_irq_enable")
}

// ReadLockIrqsave is read_lock_irqsave, include/linux/rwlock.h: disables interrupts and takes the lock for reading. Nesting is
// counted, so that there are no flags to save.
func ReadLockIrqsave(lock *RwlockT) {
	defer enter("read_lock_irqsave", lock).leave()
	irqOff("local_irq_save")
	lockRead(&lock.cell, "read_lock_irqsave")
}

// ReadUnlockIrqrestore is read_unlock_irqrestore, include/linux/rwlock.h: ends the task's read lock and restores interrupts.
func ReadUnlockIrqrestore(lock *RwlockT) {
	defer enter("read_unlock_irqrestore", lock).leave()
	unlockRead(&lock.cell, "read_unlock_irqrestore")
	irqOn("local_irq_restore")
}

// WriteLock is write_lock, include/linux/rwlock.h: takes the lock for writing. Acquire. Does not sleep.
func WriteLock(lock *RwlockT) {
	defer enter("write_lock", lock).leave()
	lockWrite(&lock.cell, "write_lock")
}

// WriteLockNested is write_lock_nested, include/linux/rwlock.h: write_lock with a lockdep subclass.
func WriteLockNested(lock *RwlockT, subclass int) {
	defer enter("write_lock_nested", lock, subclass).leave()
	lockWrite(&lock.cell, "write_lock_nested")
}

// WriteTrylock is write_trylock, include/linux/rwlock.h: takes the lock for writing if it is free. Acquire on success only.
func WriteTrylock(lock *RwlockT) bool {
	c := enter("write_trylock", lock)
	return leave(c, tryWrite(&lock.cell, "write_trylock"))
}

// WriteUnlock is write_unlock, include/linux/rwlock.h: ends the task's write lock. Release.
func WriteUnlock(lock *RwlockT) {
	defer enter("write_unlock", lock).leave()
	unlockWrite(&lock.cell, "write_unlock")
}

// WriteLockIrq is write_lock_irq, include/linux/rwlock.h: disables interrupts and takes the lock for writing.
func WriteLockIrq(lock *RwlockT) {
	defer enter("write_lock_irq", lock).leave()
	irqOff("local_irq_disable")
	lockWrite(&lock.cell, "write_lock_irq")
}

// WriteUnlockIrq is write_unlock_irq, include/linux/rwlock.h: ends the task's write lock and enables interrupts, as
// spin_unlock_irq does.
func WriteUnlockIrq(lock *RwlockT) {
	defer enter("write_unlock_irq", lock).leave()
	unlockWrite(&lock.cell, "write_unlock_irq")
	irqEnable("local_irq_enable")
}

// WriteLockIrqsave is write_lock_irqsave, include/linux/rwlock.h: disables interrupts and takes the lock for writing. Nesting is
// counted, so that there are no flags to save.
func WriteLockIrqsave(lock *RwlockT) {
	defer enter("write_lock_irqsave", lock).leave()
	irqOff("local_irq_save")
	lockWrite(&lock.cell, "write_lock_irqsave")
}

// WriteUnlockIrqrestore is write_unlock_irqrestore, include/linux/rwlock.h: ends the task's write lock and restores interrupts.
func WriteUnlockIrqrestore(lock *RwlockT) {
	defer enter("write_unlock_irqrestore", lock).leave()
	unlockWrite(&lock.cell, "write_unlock_irqrestore")
	irqOn("local_irq_restore")
}
