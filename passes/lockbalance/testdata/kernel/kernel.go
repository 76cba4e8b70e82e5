// Package kernel is the input of TestKernel: locks of kernelshim that do not sleep.
package kernel

import . "github.com/mmvet/mmvet/kernelshim"

type slot struct {
	Object
	Lock  RwlockT
	Flags Word[uint64]
	Used  Word[int]
}

func LeavesBit(s *slot) bool {
	BitSpinLock(0, &s.Flags)
	if ReadOnce(&s.Used) > 0 {
		return false // want `lockbalance: preempt is still held at the end` `lockbalance: s.Flags.Bit0 is still held at the end`
	}
	BitSpinUnlock(0, &s.Flags)
	return true
}

func LeavesReader(s *slot) bool {
	if !ReadTrylock(&s.Lock) {
		return false
	}
	if ReadOnce(&s.Used) > 0 {
		return false // want `lockbalance: s.Lock is still held at the end`
	}
	ReadUnlock(&s.Lock)
	return true
}

func WrongUnlock(s *slot) {
	ReadLockIrqsave(&s.Lock)
	WriteUnlockIrqrestore(&s.Lock) // want `lockbalance: s.Lock is held for reading but released for writing`
}

func Balanced(s *slot) {
	if BitSpinTrylock(3, &s.Flags) {
		BitSpinUnlock(3, &s.Flags)
	}
	BitSpinLock(0, &s.Flags)
	BitSpinLock(1, &s.Flags) // another lock
	BitSpinUnlock(0, &s.Flags)
	BitSpinUnlock(1, &s.Flags)
	bitLock(s)
	bitUnlock(s)
	ReadLock(&s.Lock)
	ReadLock(&s.Lock) // readers may nest
	ReadUnlock(&s.Lock)
	ReadUnlock(&s.Lock)
	WriteLockIrq(&s.Lock)
	WriteUnlockIrq(&s.Lock)
}

func bitLock(s *slot)   { BitSpinLock(5, &s.Flags) }
func bitUnlock(s *slot) { BitSpinUnlock(5, &s.Flags) }

// Numbered takes a bit that is not known: which lock that is cannot be told.
func Numbered(s *slot, n int) {
	BitSpinLock(n, &s.Flags)
	BitSpinLock(n+1, &s.Flags)
	BitSpinUnlock(n+1, &s.Flags)
	BitSpinUnlock(n, &s.Flags)
}
