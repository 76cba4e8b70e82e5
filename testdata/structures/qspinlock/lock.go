// Package qspinlock is the kernel's queued spinlock: a word with a byte for the owner, a bit for the first who waits, and the tail of an
// MCS queue for all others.
//
// kernel/locking/qspinlock.c (v6.12): queued_spin_lock, queued_spin_lock_slowpath, queued_spin_unlock, with _Q_PENDING_LOOPS of 1 and a
// node for each CPU. What the kernel stores by bytes and halves here are atomics of the whole word: mixed sizes are no part of the
// memory model.
package qspinlock

import (
	"sync"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/mcs"
)

// The word of a lock: include/asm-generic/qspinlock_types.h.
const (
	LockedVal   = 1 << 0
	LockedMask  = 0xff
	PendingVal  = 1 << 8
	PendingMask = 1 << 8
	TailOffset  = 9
	TailMask    = ^int32(1<<TailOffset - 1)
)

// A CPU is the lock as one CPU takes it.
type CPU struct {
	Val   *Word[int32] // struct qspinlock
	ID    int
	Nodes []*mcs.Node // of all CPUs
}

// NewLock makes a free lock for so many CPUs, and returns it as each of them takes it.
func NewLock(k *Kernel, cpus int) (handles []sync.Locker) {
	for _, c := range CPUs(k, cpus) {
		handles = append(handles, c)
	}
	return handles
}

// NewCrowdedLock makes a lock that has an owner and somebody who waits already, so that all CPUs queue up. One more task stands for
// both of these, and gives the lock up.
func NewCrowdedLock(k *Kernel, cpus int) (handles []sync.Locker) {
	for _, c := range CPUs(k, cpus) {
		if c.ID == 0 {
			c.Val.Set(LockedVal | PendingVal)
			k.Go("owner", func() { AtomicSubReturnRelease(LockedVal|PendingVal, c.Val) })
		}
		handles = append(handles, c)
	}
	return handles
}

// CPUs makes a free lock, and a node for each CPU.
func CPUs(k *Kernel, cpus int) (handles []CPU) {
	val, nodes := NewWord(k, "qspinlock", int32(0)), []*mcs.Node{}
	for range cpus {
		nodes = append(nodes, New[mcs.Node](k, "mcs_node"))
	}
	for id := range cpus {
		handles = append(handles, CPU{val, id, nodes})
	}
	return handles
}

// Lock is queued_spin_lock, include/asm-generic/qspinlock.h.
func (c CPU) Lock() {
	if val := CmpxchgAcquire(c.Val, 0, LockedVal); val != 0 {
		c.Slowpath(val)
	}
}

// Unlock is queued_spin_unlock: a release store of the byte for the owner.
func (c CPU) Unlock() { AtomicSubReturnRelease(LockedVal, c.Val) }

// Slowpath is queued_spin_lock_slowpath.
func (c CPU) Slowpath(val int32) {
	// Wait for in-progress pending->locked hand-overs with a bounded number of spins, so that we guarantee forward progress.
	if val == PendingVal {
		val = AtomicRead(c.Val)
	}
	// If we observe any contention; queue.
	if val&^LockedMask != 0 {
		c.Queue()
		return
	}
	// trylock || pending
	val = AtomicFetchOrAcquire(PendingVal, c.Val)
	// If we observe contention, there is a concurrent locker. Undo and queue.
	if val&^LockedMask != 0 {
		if val&PendingMask == 0 {
			AtomicAndnot(PendingVal, c.Val)
		}
		c.Queue()
		return
	}
	// We're pending, wait for the owner to go away.
	if val&LockedMask != 0 {
		SmpCondLoadAcquire(c.Val, func(v int32) bool { return v&LockedMask == 0 })
	}
	// take ownership and clear the pending bit.
	AtomicAdd(LockedVal-PendingVal, c.Val)
}

// Queue is queued_spin_lock_slowpath from the label queue on.
func (c CPU) Queue() {
	node, tail := c.Nodes[c.ID], int32(c.ID+1)<<TailOffset
	WriteOnce(&node.Locked, 0)
	WriteOnce(&node.Next, nil)
	// We touched a (possibly) cold cacheline in the per-cpu queue node; attempt the trylock once more.
	if AtomicRead(c.Val) == 0 && CmpxchgAcquire(c.Val, 0, LockedVal) == 0 {
		return
	}
	// Ensure that the initialisation of @node is complete before we publish the updated tail.
	SmpWmb()
	old := XchgBitsRelaxed(c.Val, TailMask, tail) // xchg_tail
	var next *mcs.Node
	if old&TailMask != 0 {
		prev := c.Nodes[old>>TailOffset-1]
		WriteOnce(&prev.Next, node)
		SmpCondLoadAcquire(&node.Locked, func(v int) bool { return v == 1 }) // arch_mcs_spin_lock_contended
		next = ReadOnce(&node.Next)
	}
	// we're at the head of the waitqueue, wait for the owner & pending to go away.
	val := SmpCondLoadAcquire(c.Val, func(v int32) bool { return v&(LockedMask|PendingMask) == 0 })
	// claim the lock: n,0,0 -> 0,0,1 if we are the only queuer
	if val&TailMask == tail && CmpxchgRelaxed(c.Val, val, LockedVal) == val {
		return
	}
	AtomicOr(LockedVal, c.Val) // set_locked
	if next == nil {
		next = SmpCondLoadRelaxed(&node.Next, func(n *mcs.Node) bool { return n != nil })
	}
	SmpStoreRelease(&next.Locked, 1) // arch_mcs_spin_unlock_contended
}
