package kernelshim

import (
	"fmt"
	"strings"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// shared is the state of a lock that one writer or many readers hold: RwSemaphore, RwlockT.
type shared struct {
	writer  machine.TaskID // 1 + the task that holds it for writing; 0: nobody
	readers [machine.MaxTasks]uint8
}

func (s shared) free() bool { return s == shared{} }

// HeldBy implements machine.Holder.
func (s shared) HeldBy(t machine.TaskID) string {
	switch {
	case s.writer == t+1:
		return "for write"
	case s.readers[t] > 0:
		return "for read"
	}
	return ""
}

// Describe implements machine.Describer.
func (s shared) Describe(name func(machine.TaskID) string) string {
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

// tryReadOp is that of a trylock for reading: unlike down_read it tells the task whether there was a writer, but that is settled by
// writers, so among readers it commutes.
var tryReadOp = machine.Op{Code: machine.Acquire, Anytime: true, Tag: memorder.Acquire, Access: machine.Readers}

// as says what an op is to a lock with readers.
func as(op machine.Op, step machine.SemStep) machine.Op {
	op.Sem = step
	return op
}

// lockRead takes the lock for reading, or waits while somebody writes.
func lockRead(c *cell[shared], prim string) {
	t := self(prim)
	c.update(prim, as(rdLockOp, machine.SemRead), func(s shared) result[shared] {
		if s.writer != 0 {
			return result[shared]{blocked: true}
		}
		s.readers[t]++
		return result[shared]{state: s}
	})
}

// tryRead takes the lock for reading if nobody writes, and reports whether it did.
func tryRead(c *cell[shared], prim string) bool {
	t := self(prim)
	return c.update(prim, as(tryReadOp, machine.SemRead), func(s shared) result[shared] {
		if s.writer != 0 {
			return result[shared]{state: s, ret: false}
		}
		s.readers[t]++
		return result[shared]{state: s, ret: true}
	}).(bool)
}

// unlockRead ends the task's read lock.
func unlockRead(c *cell[shared], prim string) {
	t := self(prim)
	c.update(prim, as(rdUnlockOp, machine.SemUnread), func(s shared) result[shared] {
		if s.readers[t] == 0 {
			return result[shared]{err: notHeld}
		}
		s.readers[t]--
		return result[shared]{state: s}
	})
}

// lockWrite takes the lock for writing, or waits.
func lockWrite(c *cell[shared], prim string) {
	t := self(prim)
	c.update(prim, as(lockOp, machine.SemWrite), func(s shared) result[shared] {
		if !s.free() {
			return result[shared]{blocked: true}
		}
		return result[shared]{state: shared{writer: t + 1}}
	})
}

// tryWrite takes the lock for writing if it is free, and reports whether it was.
func tryWrite(c *cell[shared], prim string) bool {
	t := self(prim)
	return c.update(prim, as(tryLockOp, machine.SemWhole), func(s shared) result[shared] {
		if !s.free() {
			return result[shared]{state: s, ret: false}
		}
		s.writer = t + 1
		return result[shared]{state: s, ret: true}
	}).(bool)
}

// unlockWrite ends the task's write lock.
func unlockWrite(c *cell[shared], prim string) {
	t := self(prim)
	c.update(prim, as(unlockOp, machine.SemUnwrite), func(s shared) result[shared] {
		if s.writer != t+1 {
			return result[shared]{err: notHeld}
		}
		return result[shared]{}
	})
}
