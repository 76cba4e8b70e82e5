package kernelshim

// A Mutex is struct mutex, include/linux/mutex.h.
type Mutex struct{ cell[exclusive] }

// MutexLock is mutex_lock, kernel/locking/mutex.c. Acquire. May sleep.
func MutexLock(lock *Mutex) {
	defer enter("mutex_lock", lock).leave()
	lockExclusive(&lock.cell, "mutex_lock")
}

// MutexLockKillable is mutex_lock_killable: 0, or -EINTR without the lock if the scenario is Interruptible. May sleep.
func MutexLockKillable(lock *Mutex) int {
	c := enter("mutex_lock_killable", lock)
	if interrupted() {
		return leave(c, -EINTR)
	}
	lockExclusive(&lock.cell, "mutex_lock_killable")
	return leave(c, 0)
}

// MutexTrylock is mutex_trylock: takes the lock if it is free. Acquire on success only.
func MutexTrylock(lock *Mutex) bool {
	c := enter("mutex_trylock", lock)
	return leave(c, tryExclusive(&lock.cell, "mutex_trylock"))
}

// MutexUnlock is mutex_unlock. Release.
func MutexUnlock(lock *Mutex) {
	defer enter("mutex_unlock", lock).leave()
	unlockExclusive(&lock.cell, "mutex_unlock")
}

// MutexIsLocked is mutex_is_locked: whether anybody holds the lock. Unordered.
func MutexIsLocked(lock *Mutex) bool { return isLocked(&lock.cell, "mutex_is_locked") }
