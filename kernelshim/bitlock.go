package kernelshim

// A BitLock is one bit of a flags word that serves as a sleeping lock, as PG_locked of a folio does: test_and_set_bit_lock,
// clear_bit_unlock, wait_on_bit_lock of include/linux/wait_bit.h. It is a cell of its own: the other bits are in Words.
// A bit that is spun for is a bit of a Word: BitSpinLock.
type BitLock struct{ cell[exclusive] }

// BitLockAcquire takes the bit lock or waits, on behalf of a primitive such as folio_lock. Acquire. May sleep.
func (l *BitLock) BitLockAcquire(prim string) { lockExclusive(&l.cell, prim) }

// TestAndSetBitLock is test_and_set_bit_lock, include/asm-generic/bitops/lock.h: sets the bit, returns whether it was set.
// Acquire if it was not.
func TestAndSetBitLock(l *BitLock) bool {
	c := enter("test_and_set_bit_lock", l)
	return leave(c, !tryExclusive(&l.cell, "test_and_set_bit_lock"))
}

// ClearBitUnlock is clear_bit_unlock, include/asm-generic/bitops/lock.h. Release.
func ClearBitUnlock(l *BitLock) {
	defer enter("clear_bit_unlock", l).leave()
	unlockExclusive(&l.cell, "clear_bit_unlock")
}
