// Package message passes data by flags, in the shapes that the kernel uses.
//
//mm:kernel v6.5
package message

import . "github.com/mmvet/mmvet/kernelshim"

// A Box has data and flags, one flag for each shape.
type Box struct {
	Object
	Data, More           Word[int]
	Relaxed, Released    Word[bool]
	Plain, Fenced        Word[bool]
	HalfFenced, Late     Word[bool]
	Early, Quiet         Word[bool]
	Bailed, Marked       Word[bool]
	LoneRelease, LoneAcq Word[bool]
	Count                RefcountT
	Flags                Word[uint64]
	Lock                 Spinlock
	Guarded, BitGuarded  Word[bool]
	Cond                 Word[int]
}

// Both relaxed: the data may come after the flag, and may be read before it.

func SendRelaxed(b *Box) {
	b.Data.Set(1)
	WriteOnce(&b.Relaxed, true) // want "pairing: WRITE_ONCE of Box.Relaxed does not order the store to Box.Data before it: .*; use SmpStoreRelease"
}

func ReceiveRelaxed(b *Box) int {
	if ReadOnce(&b.Relaxed) { // want "pairing: READ_ONCE of Box.Relaxed does not order the load of Box.Data behind it: .*; use SmpLoadAcquire"
		return b.Data.Get()
	}
	return 0
}

func SendReleased(b *Box) {
	b.Data.Set(1)
	SmpStoreRelease(&b.Released, true)
}

func ReceiveReleased(b *Box) int {
	if SmpLoadAcquire(&b.Released) {
		return b.Data.Get()
	}
	return 0
}

// A plain store is worse than a relaxed one.

func SendPlain(b *Box) {
	b.Data.Set(1)
	b.Plain.Set(true) // want "pairing: plain store of Box.Plain does not order the store to Box.Data before it"
}

func ReceivePlain(b *Box) int {
	if SmpLoadAcquire(&b.Plain) {
		return b.Data.Get()
	}
	return 0
}

// Fences do as well, on every path.

func SendFenced(b *Box) {
	b.Data.Set(1)
	SmpWmb()
	WriteOnce(&b.Fenced, true)
}

func ReceiveFenced(b *Box) int {
	if !ReadOnce(&b.Fenced) {
		return 0
	}
	SmpRmb()
	return b.Data.Get()
}

func SendHalfFenced(b *Box, often bool) {
	b.Data.Set(1)
	if often {
		SmpWmb()
	}
	WriteOnce(&b.HalfFenced, true) // want "pairing: WRITE_ONCE of Box.HalfFenced does not order the store to Box.Data"
}

func ReceiveHalfFenced(b *Box) int {
	if ReadOnce(&b.HalfFenced) {
		SmpRmb()
		return b.Data.Get()
	}
	return 0
}

// The wrong fence orders loads where stores are to be ordered.

func SendCond(b *Box) {
	b.More.Set(2)
	SmpRmb()
	WriteOnce(&b.Cond, 1) // want "pairing: WRITE_ONCE of Box.Cond does not order the store to Box.More"
}

func ReceiveCond(b *Box) int {
	SmpCondLoadAcquire(&b.Cond, func(v int) bool { return v > 0 })
	if SmpLoadAcquire(&b.Cond) == 1 {
		return b.More.Get()
	}
	return 0
}

// The data is on the wrong side of a release that is right.

func SendLate(b *Box) {
	b.Data.Set(1)
	SmpStoreRelease(&b.Late, true)
	b.More.Set(2) // want "pairing: Box.More is stored after smp_store_release of Box.Late, which publishes it: message.ReceiveLate .* store it before"
}

func ReceiveLate(b *Box) int {
	if SmpLoadAcquire(&b.Late) {
		return b.Data.Get() + b.More.Get()
	}
	return 0
}

func SendEarly(b *Box) {
	b.Data.Set(1)
	SmpStoreRelease(&b.Early, true)
}

func ReceiveEarly(b *Box) int {
	data := b.Data.Get() // want "pairing: Box.Data is loaded before smp_load_acquire of Box.Early and used after it"
	if SmpLoadAcquire(&b.Early) {
		return data
	}
	return 0
}

// Through calls: what a helper stores is published by its caller.

func fill(b *Box)        { b.Data.Set(1) }
func drain(b *Box) int   { return b.Data.Get() }
func ready(b *Box) bool  { return ReadOnce(&b.Quiet) } // want "pairing: READ_ONCE of Box.Quiet does not order the load of Box.Data"
func announce(b *Box)    { WriteOnce(&b.Quiet, true) } // want "pairing: WRITE_ONCE of Box.Quiet does not order the store to Box.Data"
func SendByCalls(b *Box) { fill(b); announce(b) }
func ReceiveByCalls(b *Box) int {
	if ready(b) {
		return drain(b)
	}
	return 0
}

// The early look may stay relaxed: what it sees is looked at again.

func tryReceive(b *Box) bool {
	if !ReadOnce(&b.Bailed) {
		return false
	}
	if !DownTry(b) {
		return false
	}
	if !SmpLoadAcquire(&b.Bailed) {
		return false
	}
	return true
}

func DownTry(b *Box) bool { return SpinTrylock(&b.Lock) }

func ReceiveBailed(b *Box) int {
	if !tryReceive(b) {
		return 0
	}
	v := b.Data.Get()
	SpinUnlock(&b.Lock)
	return v
}

func SendBailed(b *Box) {
	b.Data.Set(1)
	SmpStoreRelease(&b.Bailed, true)
}

// Data that is marked on both sides, with no order on either, may be of any age: statistics.

func SendMarked(b *Box) {
	WriteOnce(&b.Data, 1)
	WriteOnce(&b.Marked, true)
}

func ReceiveMarked(b *Box) int {
	if ReadOnce(&b.Marked) {
		return ReadOnce(&b.Data)
	}
	return 0
}

// One half alone.

func StoreLone(b *Box)      { WriteOnce(&b.LoneAcq, true) } // want "pairing: WRITE_ONCE of Box.LoneAcq is not a release, but message.LoadLone .* loads it by smp_load_acquire"
func LoadLone(b *Box) bool  { return SmpLoadAcquire(&b.LoneAcq) }
func StoreLone2(b *Box)     { SmpStoreRelease(&b.LoneRelease, true) }
func LoadLone2(b *Box) bool { return ReadOnce(&b.LoneRelease) } // want "pairing: READ_ONCE of Box.LoneRelease is not an acquire, but message.StoreLone2 .* stores it by smp_store_release"

// A reference that is taken to use what is published with it.

func Attach(b *Box) {
	b.More.Set(3)
	RefcountSet(&b.Count, 1) // want "pairing: refcount_set of Box.Count does not order the store to Box.More before it: .*; use RefcountSetRelease"
}

func Use(b *Box) int {
	if !RefcountIncNotZeroAcquire(&b.Count) {
		return 0
	}
	return b.More.Get()
}

// A bit that is a lock: clear_bit is no unlock.

func Reclaim(b *Box) {
	if TestAndSetBit(3, &b.Flags) {
		return
	}
	b.More.Set(b.More.Get() + 1)
	ClearBit(3, &b.Flags) // want "pairing: clear_bit of Box.Flags bit 3 does not order the .* Box.More before it: .*; insert SmpMbBeforeAtomic"
}

func ReclaimRight(b *Box) {
	if TestAndSetBit(4, &b.Flags) {
		return
	}
	b.Data.Set(b.Data.Get() + 1)
	SmpMbBeforeAtomic()
	ClearBit(4, &b.Flags)
}

// Under a common lock nothing needs an order.

func SendGuarded(b *Box) {
	SpinLock(&b.Lock)
	b.Data.Set(1)
	WriteOnce(&b.Guarded, true)
	SpinUnlock(&b.Lock)
}

func ReceiveGuarded(b *Box) int {
	SpinLock(&b.Lock)
	defer SpinUnlock(&b.Lock)
	if ReadOnce(&b.Guarded) {
		return b.Data.Get()
	}
	return 0
}

func SendBitGuarded(b *Box) {
	BitSpinLock(7, &b.Flags)
	b.Data.Set(1)
	WriteOnce(&b.BitGuarded, true)
	BitSpinUnlock(7, &b.Flags)
}

func ReceiveBitGuarded(b *Box) int {
	BitSpinLock(7, &b.Flags)
	defer BitSpinUnlock(7, &b.Flags)
	if ReadOnce(&b.BitGuarded) {
		return b.Data.Get()
	}
	return 0
}

// Pointers to new objects.

type List struct {
	Object
	Head, Good, Deref Word[*Node]
}

type Node struct {
	Object
	Next  *Node
	Value Word[int]
}

func Publish(l *List, next *Node) {
	n := Alloc[Node]("node")
	n.Next = next
	n.Value.Set(1)
	l.Head.Set(n) // want "pairing: plain store of List.Head does not order the store to Node.Next before it: .*; use SmpStoreRelease"
}

func First(l *List) int {
	if n := ReadOnce(&l.Head); n != nil {
		return n.Value.Get()
	}
	return 0
}

func Second(l *List) *Node {
	if n := ReadOnce(&l.Head); n != nil {
		return n.Next
	}
	return nil
}

func PublishRight(l *List) {
	n := Alloc[Node]("node")
	n.Value.Set(1)
	RcuAssignPointer(&l.Good, n)
}

func FirstRight(l *List) int {
	RcuReadLock()
	defer RcuReadUnlock()
	if n := RcuDereference(&l.Good); n != nil {
		return n.Value.Get()
	}
	return 0
}
