package kernelshim

import (
	"fmt"
	"strings"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// An RwSemaphore is struct rw_semaphore, include/linux/rwsem.h: one writer or many readers.
type RwSemaphore struct{ cell[rwsem] }

// rwsem is the state of an RwSemaphore.
type rwsem struct {
	writer  machine.TaskID // 1 + the task that holds it for writing; 0: nobody
	readers [machine.MaxTasks]uint8
}

func (s rwsem) free() bool { return s == rwsem{} }

// HeldBy implements machine.Holder.
func (s rwsem) HeldBy(t machine.TaskID) string {
	switch {
	case s.writer == t+1:
		return "for write"
	case s.readers[t] > 0:
		return "for read"
	}
	return ""
}

// Describe implements machine.Describer.
func (s rwsem) Describe(name func(machine.TaskID) string) string {
	if s.writer > 0 {
		return "write-locked by " + name(s.writer-1)
	}
	var by []string
	for t, n := range s.readers {
		switch {
		case n == 1:
			by = append(by, name(machine.TaskID(t)))
		case n > 1:
			by = append(by, fmt.Sprintf("%s (%d times)", name(machine.TaskID(t)), n))
		}
	}
	if by == nil {
		return "unlocked"
	}
	return "read-locked by " + strings.Join(by, ", ")
}

// DownRead is down_read, kernel/locking/rwsem.c: takes the lock for reading. Acquire. May sleep.
func DownRead(sem *RwSemaphore) {
	defer enter("down_read", sem).leave()
	sem.lockRead("down_read")
}

// DownReadKillable is down_read_killable: 0, or -EINTR without the lock if the scenario is Interruptible. May sleep.
func DownReadKillable(sem *RwSemaphore) int {
	c := enter("down_read_killable", sem)
	if interrupted() {
		return leave(c, -EINTR)
	}
	sem.lockRead("down_read_killable")
	return leave(c, 0)
}

// DownReadTrylock is down_read_trylock: takes the lock for reading if no writer holds it. Acquire on success only.
func DownReadTrylock(sem *RwSemaphore) bool {
	c := enter("down_read_trylock", sem)
	t := self("down_read_trylock")
	ok := sem.update("down_read_trylock", as(tryReadOp, machine.SemRead), func(s rwsem) result[rwsem] {
		if s.writer != 0 {
			return result[rwsem]{state: s, ret: false}
		}
		s.readers[t]++
		return result[rwsem]{state: s, ret: true}
	}).(bool)
	return leave(c, ok)
}

// DownWrite is down_write, kernel/locking/rwsem.c: takes the lock for writing. Acquire. May sleep.
func DownWrite(sem *RwSemaphore) {
	defer enter("down_write", sem).leave()
	sem.lockWrite("down_write")
}

// DownWriteNested is down_write_nested: down_write with a lockdep subclass.
func DownWriteNested(sem *RwSemaphore, subclass int) {
	defer enter("down_write_nested", sem, subclass).leave()
	sem.lockWrite("down_write_nested")
}

// DownWriteKillable is down_write_killable: 0, or -EINTR without the lock if the scenario is Interruptible. May sleep.
func DownWriteKillable(sem *RwSemaphore) int {
	c := enter("down_write_killable", sem)
	if interrupted() {
		return leave(c, -EINTR)
	}
	sem.lockWrite("down_write_killable")
	return leave(c, 0)
}

// DownWriteTrylock is down_write_trylock: takes the lock for writing if it is free. Acquire on success only.
func DownWriteTrylock(sem *RwSemaphore) bool {
	c := enter("down_write_trylock", sem)
	t := self("down_write_trylock")
	ok := sem.update("down_write_trylock", as(tryLockOp, machine.SemWhole), func(s rwsem) result[rwsem] {
		if !s.free() {
			return result[rwsem]{state: s, ret: false}
		}
		s.writer = t + 1
		return result[rwsem]{state: s, ret: true}
	}).(bool)
	return leave(c, ok)
}

// UpRead is up_read: ends the task's read lock. Release.
func UpRead(sem *RwSemaphore) {
	defer enter("up_read", sem).leave()
	t := self("up_read")
	sem.update("up_read", as(rdUnlockOp, machine.SemUnread), func(s rwsem) result[rwsem] {
		if s.readers[t] == 0 {
			return result[rwsem]{err: notHeld}
		}
		s.readers[t]--
		return result[rwsem]{state: s}
	})
}

// UpReadNonOwner is up_read_non_owner: ends the caller's read lock, or that of some other task if it has none. Release.
func UpReadNonOwner(sem *RwSemaphore) {
	defer enter("up_read_non_owner", sem).leave()
	self := self("up_read_non_owner")
	sem.update("up_read_non_owner", as(anyUnlockOp, machine.SemWhole), func(s rwsem) result[rwsem] {
		if s.readers[self] > 0 {
			s.readers[self]--
			return result[rwsem]{state: s}
		}
		for t := range s.readers {
			if s.readers[t] > 0 {
				s.readers[t]--
				return result[rwsem]{state: s}
			}
		}
		return result[rwsem]{err: notHeld}
	})
}

// UpWrite is up_write: ends the task's write lock. Release.
func UpWrite(sem *RwSemaphore) {
	defer enter("up_write", sem).leave()
	t := self("up_write")
	sem.update("up_write", as(unlockOp, machine.SemUnwrite), func(s rwsem) result[rwsem] {
		if s.writer != t+1 {
			return result[rwsem]{err: notHeld}
		}
		return result[rwsem]{}
	})
}

// DowngradeWrite is downgrade_write: the task's write lock becomes a read lock, without a gap. Release.
func DowngradeWrite(sem *RwSemaphore) {
	defer enter("downgrade_write", sem).leave()
	t := self("downgrade_write")
	sem.update("downgrade_write", as(unlockOp, machine.SemDowngrade), func(s rwsem) result[rwsem] {
		if s.writer != t+1 {
			return result[rwsem]{err: notHeld}
		}
		s = rwsem{}
		s.readers[t] = 1
		return result[rwsem]{state: s}
	})
}

// RwsemIsLocked is rwsem_is_locked: whether anybody holds the lock. Unordered.
func RwsemIsLocked(sem *RwSemaphore) bool {
	return sem.update("rwsem_is_locked", as(queryOp, machine.SemWhole), func(s rwsem) result[rwsem] {
		return result[rwsem]{state: s, ret: !s.free()}
	}).(bool)
}

// anyUnlockOp is up_read_non_owner's.
var anyUnlockOp = machine.Op{Code: machine.Release, Tag: memorder.Release, Access: machine.Writes, Anytime: true}

// tryReadOp is down_read_trylock's: unlike down_read it tells the task whether there was a writer, but that is settled by
// writers, so among readers it commutes.
var tryReadOp = machine.Op{Code: machine.Acquire, Anytime: true, Tag: memorder.Acquire, Access: machine.Readers}

// as says what an op is to a lock with readers.
func as(op machine.Op, step machine.SemStep) machine.Op {
	op.Sem = step
	return op
}

func (sem *RwSemaphore) lockRead(prim string) {
	t := self(prim)
	sem.update(prim, as(rdLockOp, machine.SemRead), func(s rwsem) result[rwsem] {
		if s.writer != 0 {
			return result[rwsem]{blocked: true}
		}
		s.readers[t]++
		return result[rwsem]{state: s}
	})
}

func (sem *RwSemaphore) lockWrite(prim string) {
	t := self(prim)
	sem.update(prim, as(lockOp, machine.SemWrite), func(s rwsem) result[rwsem] {
		if !s.free() {
			return result[rwsem]{blocked: true}
		}
		return result[rwsem]{state: rwsem{writer: t + 1}}
	})
}
