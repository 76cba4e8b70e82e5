package kernelshim

import "github.com/mmvet/mmvet/kernelshim/internal/machine"

// The mmap lock, include/linux/mmap_lock.h: mm_struct.mmap_lock, and since v6.13 mm_struct.mm_lock_seq, which is odd while
// it is held for writing.

// MmapWriteLock is mmap_write_lock, include/linux/mmap_lock.h: takes mm's mmap_lock for writing, then makes mm_lock_seq
// odd. Acquire. May sleep.
func MmapWriteLock(mm *MmStruct) {
	defer enter("mmap_write_lock", mm).leave()
	DownWrite(&mm.MmapLock)
	mmLockSeqcountBegin(mm)
}

// MmapWriteLockNested is mmap_write_lock_nested: mmap_write_lock with a lockdep subclass, for a child's mm in fork.
func MmapWriteLockNested(mm *MmStruct, subclass int) {
	defer enter("mmap_write_lock_nested", mm, subclass).leave()
	DownWriteNested(&mm.MmapLock, subclass)
	mmLockSeqcountBegin(mm)
}

// MmapWriteLockKillable is mmap_write_lock_killable: 0, or -EINTR without the lock if the scenario is Interruptible. May
// sleep.
func MmapWriteLockKillable(mm *MmStruct) int {
	c := enter("mmap_write_lock_killable", mm)
	ret := DownWriteKillable(&mm.MmapLock)
	if ret == 0 {
		mmLockSeqcountBegin(mm)
	}
	return leave(c, ret)
}

// MmapWriteTrylock is mmap_write_trylock (until v6.5): true if it took the lock. Acquire then. Does not sleep.
func MmapWriteTrylock(mm *MmStruct) bool {
	c := enter("mmap_write_trylock", mm)
	ok := DownWriteTrylock(&mm.MmapLock)
	if ok {
		mmLockSeqcountBegin(mm)
	}
	return leave(c, ok)
}

// MmapWriteUnlock is mmap_write_unlock: makes mm_lock_seq even, which ends all VMA write locks, then gives the lock back.
// Release.
func MmapWriteUnlock(mm *MmStruct) {
	defer enter("mmap_write_unlock", mm).leave()
	mmLockSeqcountEnd(mm)
	UpWrite(&mm.MmapLock)
}

// MmapWriteDowngrade is mmap_write_downgrade: the write lock becomes a read lock without a gap; VMA write locks end.
func MmapWriteDowngrade(mm *MmStruct) {
	defer enter("mmap_write_downgrade", mm).leave()
	mmLockSeqcountEnd(mm)
	DowngradeWrite(&mm.MmapLock)
}

// MmapReadLock is mmap_read_lock: takes mm's mmap_lock for reading. Acquire. May sleep.
func MmapReadLock(mm *MmStruct) {
	defer enter("mmap_read_lock", mm).leave()
	DownRead(&mm.MmapLock)
}

// MmapReadLockKillable is mmap_read_lock_killable: 0, or -EINTR without the lock if the scenario is Interruptible. May
// sleep.
func MmapReadLockKillable(mm *MmStruct) int {
	c := enter("mmap_read_lock_killable", mm)
	return leave(c, DownReadKillable(&mm.MmapLock))
}

// MmapReadTrylock is mmap_read_trylock: true if it took the lock. Acquire then. Does not sleep.
func MmapReadTrylock(mm *MmStruct) bool {
	c := enter("mmap_read_trylock", mm)
	return leave(c, DownReadTrylock(&mm.MmapLock))
}

// MmapReadUnlock is mmap_read_unlock. Release.
func MmapReadUnlock(mm *MmStruct) {
	defer enter("mmap_read_unlock", mm).leave()
	UpRead(&mm.MmapLock)
}

// MmapReadUnlockNonOwner is mmap_read_unlock_non_owner: ends some task's read lock, not necessarily the caller's. Release.
func MmapReadUnlockNonOwner(mm *MmStruct) {
	defer enter("mmap_read_unlock_non_owner", mm).leave()
	UpReadNonOwner(&mm.MmapLock)
}

// MmapAssertLocked is mmap_assert_locked: the task must hold mm's mmap_lock, in any mode. Takes no step.
func MmapAssertLocked(mm *MmStruct) { enter("mmap_assert_locked", mm).leave() }

// MmapAssertWriteLocked is mmap_assert_write_locked: the task must hold mm's mmap_lock for writing. Takes no step.
func MmapAssertWriteLocked(mm *MmStruct) { enter("mmap_assert_write_locked", mm).leave() }

// MmapLockSpeculateTryBegin is mmap_lock_speculate_try_begin (v6.14): opens a lockless read section of mm; false if a
// writer is inside. Acquire.
func MmapLockSpeculateTryBegin(mm *MmStruct) (seq uint32, ok bool) {
	c := enter("mmap_lock_speculate_try_begin", mm)
	seq, ok = RawSeqcountTryBegin(&mm.MmLockSeq)
	return seq, leave(c, ok)
}

// MmapLockSpeculateRetry is mmap_lock_speculate_retry (v6.14): true if a writer was inside since seq. Orders the reads
// before it.
func MmapLockSpeculateRetry(mm *MmStruct, seq uint32) bool {
	c := enter("mmap_lock_speculate_retry", mm, seq)
	return leave(c, ReadSeqcountRetry(&mm.MmLockSeq, seq))
}

// mmLockSeqcountBegin is mm_lock_seqcount_begin (v6.13).
func mmLockSeqcountBegin(mm *MmStruct) {
	if machine.Current("mm_lock_seqcount_begin").InSetup() || !since(6, 13) {
		return
	}
	defer enter("mm_lock_seqcount_begin", mm).leave()
	RawWriteSeqcountBegin(&mm.MmLockSeq)
}

// mmLockSeqcountEnd is vma_end_write_all: since v6.13 mm_lock_seqcount_end. A release.
func mmLockSeqcountEnd(mm *MmStruct) {
	if machine.Current("mm_lock_seqcount_end").InSetup() || !since(6, 4) {
		return
	}
	if !since(6, 13) {
		SmpStoreRelease(&mm.MmLockSeq.Sequence, mm.MmLockSeq.Sequence.Get()+1)
		return
	}
	defer enter("mm_lock_seqcount_end", mm).leave()
	RawWriteSeqcountEnd(&mm.MmLockSeq)
}
