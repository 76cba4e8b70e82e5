// Package marks accesses words with and without locks.
//
//mm:kernel v6.4
package marks

import . "github.com/mmvet/mmvet/kernelshim"

// A Box has a lock, and words.
type Box struct {
	Object
	Lock                  Spinlock
	Sem                   RwSemaphore
	Locked, Peeked, Raced Word[int]
	Flags, Pair           Word[uint64]
	Link, Safe, Again     Word[*Box]
	Value                 Word[int]
}

// Where a lock keeps all accesses apart, they are plain.

func addLocked(b *Box) {
	SpinLock(&b.Lock)
	b.Locked.Set(b.Locked.Get() + 1)
	SpinUnlock(&b.Lock)
}

func readLocked(b *Box) int {
	SpinLock(&b.Lock)
	defer SpinUnlock(&b.Lock)
	return b.Locked.Get()
}

// Stored under the lock and loaded without it: the store is marked, and so is that load; loads under the lock are not.

func addPeeked(b *Box) {
	SpinLock(&b.Lock)
	b.Peeked.Set(b.Peeked.Get() + 1) // want "markedaccess: Box.Peeked is stored plainly, but marks.peek .marks.go:41. accesses it at the same time by READ_ONCE; use WRITE_ONCE"
	SpinUnlock(&b.Lock)
}

func peek(b *Box) int { return ReadOnce(&b.Peeked) }

func addPeekedRight(b *Box) {
	SpinLock(&b.Lock)
	WriteOnce(&b.Peeked, b.Peeked.Get()+1)
	SpinUnlock(&b.Lock)
}

func peekWrong(b *Box) int { return b.Peeked.Get() } // want "markedaccess: Box.Peeked is loaded plainly, but marks.addPeekedRight .* accesses it at the same time by WRITE_ONCE; use READ_ONCE"

// Readers of a semaphore exclude its writers.

func store(b *Box) {
	DownWrite(&b.Sem)
	WriteOnce(&b.Raced, 1)
	UpWrite(&b.Sem)
}

func loadRight(b *Box) int {
	DownRead(&b.Sem)
	defer UpRead(&b.Sem)
	return b.Raced.Get()
}

func storeWrong(b *Box) {
	DownRead(&b.Sem)
	b.Raced.Set(2) // want "markedaccess: Box.Raced is stored plainly, but marks.glance"
	UpRead(&b.Sem)
}

func glance(b *Box) int { return SmpLoadAcquire(&b.Raced) }

// What nobody else knows yet is plain.

func newBox() *Box {
	b := Alloc[Box]("box")
	b.Peeked.Set(1)
	return b
}

// Helpers are called under the lock.

func callHelper(b *Box) {
	DownWrite(&b.Sem)
	helper(b)
	UpWrite(&b.Sem)
}

func helper(b *Box) int { return b.Raced.Get() }

// Two stores in a row.

func setPair(b *Box) {
	WriteOnce(&b.Pair, 1)
	WriteOnce(&b.Pair, b.Pair.Get()|2) // want "markedaccess: Box.Pair is stored twice in a row: marks.readPair .* can see the state between; make it one store" "markedaccess: Box.Pair is loaded plainly, but marks.setPair"
}

func setPairRight(b *Box) { WriteOnce(&b.Pair, 1|2) }

func beginAndEnd(b *Box) {
	WriteOnce(&b.Pair, 1)
	addLocked(b)
	WriteOnce(&b.Pair, 0)
}

func readPair(b *Box) uint64 { return ReadOnce(&b.Pair) }

// Read to test, and again to use.

func follow(b *Box) int {
	if ReadOnce(&b.Link) != nil {
		return ReadOnce(&b.Link).Value.Get() // want "markedaccess: Box.Link was tested before and is read again: marks.unlink .* may have changed it; read it once, into a variable"
	}
	return 0
}

func followRight(b *Box) int {
	if link := ReadOnce(&b.Link); link != nil {
		return link.Value.Get()
	}
	return 0
}

func unlink(b *Box) { WriteOnce(&b.Link, nil) }

// To look again under the lock is right.

func again(b *Box) int {
	if ReadOnce(&b.Again) == nil {
		return 0
	}
	SpinLock(&b.Lock)
	defer SpinUnlock(&b.Lock)
	if link := b.Again.Get(); link != nil {
		return link.Locked.Get()
	}
	return 0
}

func setAgain(b *Box) {
	SpinLock(&b.Lock)
	WriteOnce(&b.Again, nil)
	SpinUnlock(&b.Lock)
}

// By contract: the fields of a VMA that readers without a lock look at.

func bail(vma *VmAreaStruct) bool {
	return vma.VmLockSeq.Get() == 0 // want "markedaccess: VmAreaStruct.VmLockSeq is loaded plainly, but marks.lockWrite"
}

func lockWrite(vma *VmAreaStruct) {
	MmapWriteLock(vma.VmMm)
	DownWrite(&vma.VmLock.Lock)
	vma.VmLockSeq.Set(1) // want "markedaccess: VmAreaStruct.VmLockSeq is stored plainly, but by guard vm_area_struct.vm_lock_seq its stores are marked once, for readers without a lock; use WRITE_ONCE"
	UpWrite(&vma.VmLock.Lock)
	MmapWriteUnlock(vma.VmMm)
}

func check(vma *VmAreaStruct) bool {
	if !DownReadTrylock(&vma.VmLock.Lock) {
		return false
	}
	locked := vma.VmLockSeq.Get() == 1
	UpRead(&vma.VmLock.Lock)
	return locked
}

// MlockVmaPagesRange is mlock_vma_pages_range, mm/mlock.c: VM_LOCKED and VM_IO travel in one store.
func MlockVmaPagesRange(vma *VmAreaStruct, newflags VmFlagsT) {
	newflags |= VmNohugepage
	vma.VmFlags.Set(newflags) // want "markedaccess: VmAreaStruct.VmFlags is stored plainly, but by protocol mlock_flags it is one marked store in MlockVmaPagesRange; use WRITE_ONCE"
}
