// Package kernel reads under sequence counts as the kernel does.
//
//mm:kernel v6.13
package kernel

import . "github.com/mmvet/mmvet/kernelshim"

// A Clock has a sequence count, and its writers a lock.
type Clock struct {
	Object
	Lock       Spinlock
	Seq, Other SeqcountT
	A, B, Seen Word[int]
	Count      RefcountT
	Zone       Word[*Zone]
	LockSeq    Word[uint32] // the count when it was locked
}

// A Zone is reached through a clock.
type Zone struct {
	Object
	Offset Word[int]
}

func Read(c *Clock) int {
	for {
		seq := ReadSeqcountBegin(&c.Seq)
		sum := ReadOnce(&c.A) + ReadOnce(&c.B)
		if !ReadSeqcountRetry(&c.Seq, seq) {
			return sum
		}
	}
}

func NoRetry(c *Clock) int {
	ReadSeqcountBegin(&c.Seq)
	return ReadOnce(&c.A) + ReadOnce(&c.B) // want "seqretry: this returns what was read without a second look at c.Seq: a writer may have been inside"
}

func OneWay(c *Clock, fast bool) int {
	seq := ReadSeqcountBegin(&c.Seq)
	a := ReadOnce(&c.A)
	if fast {
		return a // want "seqretry: this returns what was read without a second look"
	}
	if ReadSeqcountRetry(&c.Seq, seq) {
		return 0
	}
	return a
}

func Ignored(c *Clock) int {
	seq := ReadSeqcountBegin(&c.Seq)
	a := ReadOnce(&c.A)
	ReadSeqcountRetry(&c.Seq, seq) // want "seqretry: the answer is not used: what was read may be void"
	return a
}

func Wrong(c *Clock) int {
	seq := ReadSeqcountBegin(&c.Seq)
	a := ReadOnce(&c.A)
	if ReadSeqcountRetry(&c.Other, seq) { // want "seqretry: the second look is at c.Other, the first was at c.Seq"
		return 0
	}
	return a // want "seqretry: this returns what was read without a second look"
}

func SideEffect(c *Clock) int {
	for {
		seq := ReadSeqcountBegin(&c.Seq)
		a := ReadOnce(&c.A)
		WriteOnce(&c.Seen, a) // want "seqretry: Clock.Seen is written before it is known whether what was read is valid"
		if !ReadSeqcountRetry(&c.Seq, seq) {
			return a
		}
	}
}

// Follows a pointer that may be stale.

func Followed(c *Clock) int {
	for {
		seq := ReadSeqcountBegin(&c.Seq)
		offset := 0
		if zone := ReadOnce(&c.Zone); zone != nil {
			offset = zone.Offset.Get() // want "seqretry: the pointer from Clock.Zone is followed before it is known whether it is valid, and nothing keeps what it leads to"
		}
		if !ReadSeqcountRetry(&c.Seq, seq) {
			return offset
		}
	}
}

func FollowedUnderRCU(c *Clock) int {
	RcuReadLock()
	defer RcuReadUnlock()
	for {
		seq := ReadSeqcountBegin(&c.Seq)
		offset := ReadOnce(&c.Zone).Offset.Get()
		if !ReadSeqcountRetry(&c.Seq, seq) {
			return offset
		}
	}
}

// GupFast does not wait: it gives up when a writer is inside, and gives references back when one was.

func GupFast(c *Clock) bool {
	seq := RawReadSeqcount(&c.Seq)
	if seq&1 != 0 {
		return false
	}
	if !RefcountIncNotZero(&c.Count) {
		return false
	}
	if ReadSeqcountRetry(&c.Seq, seq) {
		RefcountDec(&c.Count)
		return false
	}
	return true
}

// LockedBy compares the count with that of the writer who locked: it may be odd.
func LockedBy(c *Clock) bool { return c.LockSeq.Get() == RawReadSeqcount(&c.Seq) }

// Moved compares the count with itself: a writer may be inside both times.
func Moved(c *Clock) bool {
	seq := RawReadSeqcount(&c.Seq)          // want "seqretry: the count may be odd, and nothing looks"
	return ReadOnce(&c.Seq.Sequence) != seq // want "seqretry: this returns what was read without a second look"
}

func NoParity(c *Clock) int {
	seq := RawReadSeqcount(&c.Seq) // want "seqretry: the count may be odd, and nothing looks: a writer that is inside all the time is not noticed"
	a := ReadOnce(&c.A)
	if ReadSeqcountRetry(&c.Seq, seq) {
		return 0
	}
	return a
}

// Since v6.13 mm_lock_seq is a sequence count, and readers of an mm may speculate.

func Speculate(mm *MmStruct) (MmFlagsT, bool) {
	seq, ok := MmapLockSpeculateTryBegin(mm)
	if !ok {
		return 0, false
	}
	flags := ReadOnce(&mm.Flags)
	if MmapLockSpeculateRetry(mm, seq) {
		return 0, false
	}
	return flags, true
}

func SpeculateWrong(mm *MmStruct) (MmFlagsT, bool) {
	_, ok := MmapLockSpeculateTryBegin(mm)
	if !ok {
		return 0, false
	}
	return ReadOnce(&mm.Flags), true // want "seqretry: this returns what was read without a second look at mm"
}

// Writers need a lock, and end what they begin: the latter is for lockbalance.

func Write(c *Clock) {
	SpinLock(&c.Lock)
	RawWriteSeqcountBegin(&c.Seq)
	WriteOnce(&c.A, 1)
	WriteOnce(&c.B, 2)
	RawWriteSeqcountEnd(&c.Seq)
	SpinUnlock(&c.Lock)
}

func WriteUnlocked(c *Clock) {
	RawWriteSeqcountBegin(&c.Seq) // want "seqretry: no lock is held that keeps other writers out"
	WriteOnce(&c.A, 1)
	RawWriteSeqcountEnd(&c.Seq)
}
