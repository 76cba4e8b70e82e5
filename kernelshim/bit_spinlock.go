package kernelshim

import (
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// A bit spinlock is one bit of a word whose other bits are whatever they are: others read and change them by atomics meanwhile,
// and each bit is a lock of its own. To wait for one is to be disabled, not to spin. Preemption is off while one is held, and
// here also while one is waited for. Nothing in the word says who holds it: one that is not given back shows as preemption that
// stays off. A BitLock, such as PG_locked, sleeps.

// BitSpinLock is bit_spin_lock, include/linux/bit_spinlock.h: disables preemption and takes the lock that bit bitnum of the word
// is, as test_and_set_bit_lock does. Acquire. Does not sleep.
func BitSpinLock[T Integer](bitnum int, addr *Word[T]) {
	defer enter("bit_spin_lock", bitnum, addr).leave()
	section("preempt_disable", machine.Enter, memorder.Barrier, preemptDepth)
	bit := T(1) << bitnum
	addr.update("bit_spin_lock", bitOp(memorder.Acquire, bit), func(v T) result[T] {
		return result[T]{state: v | bit, blocked: v&bit != 0}
	})
}

// BitSpinTrylock is bit_spin_trylock, include/linux/bit_spinlock.h: takes the lock if it is free, and leaves preemption as it
// was if not. Acquire on success only.
func BitSpinTrylock[T Integer](bitnum int, addr *Word[T]) bool {
	c := enter("bit_spin_trylock", bitnum, addr)
	section("preempt_disable", machine.Enter, memorder.Barrier, preemptDepth)
	bit := T(1) << bitnum
	ok := addr.update("bit_spin_trylock", bitOp(memorder.Acquire, bit), func(v T) result[T] {
		return result[T]{state: v | bit, ret: v&bit == 0}
	}).(bool)
	if !ok {
		section("preempt_enable", machine.Leave, memorder.Barrier, preemptDepth)
	}
	return leave(c, ok)
}

// BitSpinUnlock is bit_spin_unlock, include/linux/bit_spinlock.h: gives the lock back, as clear_bit_unlock does, and enables
// preemption. Release. It is an error if the bit is clear, as with CONFIG_DEBUG_SPINLOCK.
func BitSpinUnlock[T Integer](bitnum int, addr *Word[T]) {
	defer enter("bit_spin_unlock", bitnum, addr).leave()
	bit := T(1) << bitnum
	addr.update("bit_spin_unlock", bitOp(memorder.Release, bit), func(v T) result[T] {
		if v&bit == 0 {
			return result[T]{err: bitNotHeld}
		}
		return result[T]{state: v &^ bit}
	})
	section("preempt_enable", machine.Leave, memorder.Barrier, preemptDepth)
}

// BitSpinIsLocked is bit_spin_is_locked, include/linux/bit_spinlock.h: whether anybody holds the lock, as test_bit tells.
// Unordered.
func BitSpinIsLocked[T Integer](bitnum int, addr *Word[T]) bool {
	return addr.load("bit_spin_is_locked", memorder.Once)>>bitnum&1 == 1
}

// bitNotHeld is the error of an unlock of a bit that nobody has locked.
var bitNotHeld = &machine.Error{Kind: "bad-unlock", Text: "the bit is clear: nobody holds this lock"}

// bitOp is an atomic on one bit. It is no Acquire or Release: those are of locks that know who holds them, and that nobody else
// changes meanwhile.
func bitOp(tag memorder.Tag, bit any) machine.Op {
	return machine.Op{Code: machine.RMW, Tag: tag, Access: machine.Writes, Arg: bit}
}
