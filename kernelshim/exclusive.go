package kernelshim

import "github.com/mmvet/mmvet/kernelshim/internal/machine"

// exclusive is the state of a lock that one task holds at a time: spinlock, mutex, bit lock.
type exclusive struct{ owner machine.TaskID } // 1 + the task that holds it; 0: nobody

// HeldBy implements machine.Holder.
func (s exclusive) HeldBy(t machine.TaskID) string {
	if s.owner == t+1 {
		return "exclusively"
	}
	return ""
}

// Describe implements machine.Describer.
func (s exclusive) Describe(name func(machine.TaskID) string) string {
	if s.owner == 0 {
		return "unlocked"
	}
	return "locked by " + name(s.owner-1)
}

// lockExclusive takes the lock, or waits.
func lockExclusive(c *cell[exclusive], prim string) {
	t := self(prim)
	c.update(prim, lockOp, func(s exclusive) result[exclusive] {
		return result[exclusive]{state: exclusive{t + 1}, blocked: s.owner != 0}
	})
}

// tryExclusive takes the lock if it is free, and reports whether it was.
func tryExclusive(c *cell[exclusive], prim string) bool {
	t := self(prim)
	return c.update(prim, tryLockOp, func(s exclusive) result[exclusive] {
		if s.owner != 0 {
			return result[exclusive]{state: s, ret: false}
		}
		return result[exclusive]{state: exclusive{t + 1}, ret: true}
	}).(bool)
}

// unlockExclusive gives the lock back.
func unlockExclusive(c *cell[exclusive], prim string) {
	t := self(prim)
	c.update(prim, unlockOp, func(s exclusive) result[exclusive] {
		if s.owner != t+1 {
			return result[exclusive]{err: notHeld}
		}
		return result[exclusive]{}
	})
}

// isLocked looks whether anybody holds the lock.
func isLocked(c *cell[exclusive], prim string) bool {
	return c.update(prim, queryOp, func(s exclusive) result[exclusive] {
		return result[exclusive]{state: s, ret: s.owner != 0}
	}).(bool)
}
