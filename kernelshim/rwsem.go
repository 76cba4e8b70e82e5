package kernelshim

import (
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// An RwSemaphore is struct rw_semaphore, include/linux/rwsem.h: one writer or many readers.
type RwSemaphore struct{ cell[shared] }

// DownRead is down_read, kernel/locking/rwsem.c: takes the lock for reading. Acquire. May sleep.
func DownRead(sem *RwSemaphore) {
	defer enter("down_read", sem).leave()
	lockRead(&sem.cell, "down_read")
}

// DownReadKillable is down_read_killable: 0, or -EINTR without the lock if the scenario is Interruptible. May sleep.
func DownReadKillable(sem *RwSemaphore) int {
	c := enter("down_read_killable", sem)
	if interrupted() {
		return leave(c, -EINTR)
	}
	lockRead(&sem.cell, "down_read_killable")
	return leave(c, 0)
}

// DownReadTrylock is down_read_trylock: takes the lock for reading if no writer holds it. Acquire on success only.
func DownReadTrylock(sem *RwSemaphore) bool {
	c := enter("down_read_trylock", sem)
	return leave(c, tryRead(&sem.cell, "down_read_trylock"))
}

// DownWrite is down_write, kernel/locking/rwsem.c: takes the lock for writing. Acquire. May sleep.
func DownWrite(sem *RwSemaphore) {
	defer enter("down_write", sem).leave()
	lockWrite(&sem.cell, "down_write")
}

// DownWriteNested is down_write_nested: down_write with a lockdep subclass.
func DownWriteNested(sem *RwSemaphore, subclass int) {
	defer enter("down_write_nested", sem, subclass).leave()
	lockWrite(&sem.cell, "down_write_nested")
}

// DownWriteKillable is down_write_killable: 0, or -EINTR without the lock if the scenario is Interruptible. May sleep.
func DownWriteKillable(sem *RwSemaphore) int {
	c := enter("down_write_killable", sem)
	if interrupted() {
		return leave(c, -EINTR)
	}
	lockWrite(&sem.cell, "down_write_killable")
	return leave(c, 0)
}

// DownWriteTrylock is down_write_trylock: takes the lock for writing if it is free. Acquire on success only.
func DownWriteTrylock(sem *RwSemaphore) bool {
	c := enter("down_write_trylock", sem)
	return leave(c, tryWrite(&sem.cell, "down_write_trylock"))
}

// UpRead is up_read: ends the task's read lock. Release.
func UpRead(sem *RwSemaphore) {
	defer enter("up_read", sem).leave()
	unlockRead(&sem.cell, "up_read")
}

// UpReadNonOwner is up_read_non_owner: ends the caller's read lock, or that of some other task if it has none. Release.
func UpReadNonOwner(sem *RwSemaphore) {
	defer enter("up_read_non_owner", sem).leave()
	self := self("up_read_non_owner")
	sem.update("up_read_non_owner", as(anyUnlockOp, machine.SemWhole), func(s shared) result[shared] {
		if s.readers[self] > 0 {
			s.readers[self]--
			return result[shared]{state: s}
		}
		for t := range s.readers {
			if s.readers[t] > 0 {
				s.readers[t]--
				return result[shared]{state: s}
			}
		}
		return result[shared]{err: notHeld}
	})
}

// UpWrite is up_write: ends the task's write lock. Release.
func UpWrite(sem *RwSemaphore) {
	defer enter("up_write", sem).leave()
	unlockWrite(&sem.cell, "up_write")
}

// DowngradeWrite is downgrade_write: the task's write lock becomes a read lock, without a gap. Release.
func DowngradeWrite(sem *RwSemaphore) {
	defer enter("downgrade_write", sem).leave()
	t := self("downgrade_write")
	sem.update("downgrade_write", as(unlockOp, machine.SemDowngrade), func(s shared) result[shared] {
		if s.writer != t+1 {
			return result[shared]{err: notHeld}
		}
		s = shared{}
		s.readers[t] = 1
		return result[shared]{state: s}
	})
}

// RwsemIsLocked is rwsem_is_locked: whether anybody holds the lock. Unordered.
func RwsemIsLocked(sem *RwSemaphore) bool {
	return sem.update("rwsem_is_locked", as(queryOp, machine.SemWhole), func(s shared) result[shared] {
		return result[shared]{state: s, ret: !s.free()}
	}).(bool)
}

// anyUnlockOp is up_read_non_owner's.
var anyUnlockOp = machine.Op{Code: machine.Release, Tag: memorder.Release, Access: machine.Writes, Anytime: true}
