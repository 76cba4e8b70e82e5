// want package:`entry.Flags.Bit0 -> .*entry.Flags.Bit1`

// Package bits is the input of TestBits: each bit of a word is a lock of its own.
package bits

import . "github.com/mmvet/mmvet/kernelshim"

type entry struct {
	Object
	Flags Word[uint64]
}

func Upwards(e *entry) {
	BitSpinLock(0, &e.Flags)
	BitSpinLock(1, &e.Flags) // want `lockcycle: locks are taken in a cycle, which can deadlock: .*Flags.Bit0 -> .*Flags.Bit1 -> .*Flags.Bit0`
	BitSpinUnlock(1, &e.Flags)
	BitSpinUnlock(0, &e.Flags)
}

func Downwards(e *entry) {
	BitSpinLock(1, &e.Flags)
	lockFirst(e)
	BitSpinUnlock(0, &e.Flags)
	BitSpinUnlock(1, &e.Flags)
}

func lockFirst(e *entry) { BitSpinLock(0, &e.Flags) }

// Third is not in it, and a bit that is not known is not counted.
func Third(e *entry, nr int) {
	BitSpinLock(0, &e.Flags)
	BitSpinLock(2, &e.Flags)
	BitSpinUnlock(2, &e.Flags)
	BitSpinUnlock(0, &e.Flags)
	BitSpinLock(2, &e.Flags)
	BitSpinLock(nr, &e.Flags)
	BitSpinUnlock(nr, &e.Flags)
	BitSpinUnlock(2, &e.Flags)
}
