package explore

import (
	"fmt"

	. "github.com/mmvet/mmvet/kernelshim"
)

// Locks over atomics, as the kernel or its models have them. Waiting is an await, except where an attempt that fails has
// changed the lock.

// contend has n tasks add to a plain word under a lock.
func contend(k *Kernel, n int, lock, unlock func(task int)) {
	x := NewWord(k, "x", 0)
	for i := range n {
		k.Go(fmt.Sprint("P", i), func() {
			lock(i)
			x.Set(x.Get() + 1)
			unlock(i)
		})
	}
	k.Finally(func() { Assert(x.Get() == n, "%d of %d additions", x.Get(), n) })
}

// ticketLock is n tasks that take a ticket, wait for it to be served, and serve the next.
func ticketLock(n int) func(*Kernel) {
	return func(k *Kernel) {
		next, serving := NewWord(k, "next", int32(0)), NewWord(k, "serving", int32(0))
		tickets := make([]int32, n)
		contend(k, n, func(i int) {
			mine := AtomicFetchAdd(1, next)
			tickets[i] = SmpCondLoadAcquire(serving, func(now int32) bool { return now == mine })
		}, func(i int) { SmpStoreRelease(serving, tickets[i]+1) })
	}
}

// ttas is a test-and-test-and-set lock.
func ttas(n int, relaxed bool) func(*Kernel) {
	return func(k *Kernel) {
		lock := NewWord(k, "lock", 0)
		contend(k, n, func(int) {
			for {
				SmpCondLoadRelaxed(lock, func(v int) bool { return v == 0 })
				if CmpxchgAcquire(lock, 0, 1) == 0 {
					break
				}
				again(relaxed)()
			}
		}, func(int) { SmpStoreRelease(lock, 0) })
	}
}

// A qnode is a task's place in the queue of an MCS lock.
type qnode struct {
	Object
	Next   Word[*qnode]
	Locked Word[int]
}

// mcs is the queue lock of Mellor-Crummey and Scott: kernel/locking/mcs_spinlock.h.
func mcs(n int) func(*Kernel) {
	return func(k *Kernel) {
		tail := NewWord[*qnode](k, "tail", nil)
		nodes := make([]*qnode, n)
		for i := range nodes {
			nodes[i] = New[qnode](k, "qnode")
		}
		contend(k, n, func(i int) { mcsLock(tail, nodes[i]) }, func(i int) { mcsUnlock(tail, nodes[i]) })
	}
}

func mcsLock(tail *Word[*qnode], node *qnode) {
	WriteOnce(&node.Locked, 0)
	WriteOnce(&node.Next, nil)
	prev := Xchg(tail, node)
	if prev == nil {
		return
	}
	WriteOnce(&prev.Next, node)
	SmpCondLoadAcquire(&node.Locked, func(v int) bool { return v == 1 })
}

func mcsUnlock(tail *Word[*qnode], node *qnode) {
	next := ReadOnce(&node.Next)
	if next == nil {
		if CmpxchgRelease(tail, node, nil) == node {
			return
		}
		next = SmpCondLoadRelaxed(&node.Next, func(n *qnode) bool { return n != nil })
	}
	SmpStoreRelease(&next.Locked, 1)
}

// The word of qspinlock: locked byte, pending byte, tail.
const (
	qLocked  = 1
	qPending = 1 << 8
	qTail    = 1 << 16
)

// qspinlock is kernel/locking/qspinlock.c with _Q_PENDING_BITS == 1: the word is one, and changes by cmpxchg.
func qspinlock(n int) func(*Kernel) {
	return func(k *Kernel) {
		val := NewWord(k, "val", int32(0))
		nodes := make([]*qnode, n)
		for i := range nodes {
			nodes[i] = New[qnode](k, "qnode")
		}
		contend(k, n, func(i int) { qspinLock(val, nodes, i) },
			func(int) { AtomicFetchAddRelease(val, -qLocked) })
	}
}

// AtomicFetchAddRelease stands for the release store of the locked byte.
func AtomicFetchAddRelease(val *Word[int32], by int32) {
	for old := ReadOnce(val); ; {
		now := CmpxchgRelease(val, old, old+by)
		if now == old {
			return
		}
		old = now
	}
}

func qspinLock(val *Word[int32], nodes []*qnode, i int) {
	v := CmpxchgAcquire(val, 0, qLocked)
	if v == 0 {
		return
	}
	if v&^qLocked == 0 && CmpxchgAcquire(val, v, v|qPending) == v { // trylock || pending
		SmpCondLoadAcquire(val, func(v int32) bool { return v&qLocked == 0 })
		AtomicAdd(qLocked-qPending, val)
		return
	}
	node, tail := nodes[i], int32(i+1)*qTail
	WriteOnce(&node.Locked, 0)
	WriteOnce(&node.Next, nil)
	old := ReadOnce(val)
	for { // xchg_tail
		now := CmpxchgRelease(val, old, old&(qTail-1)|tail)
		if now == old {
			break
		}
		old = now
	}
	if old >= qTail {
		WriteOnce(&nodes[old/qTail-1].Next, node)
		SmpCondLoadAcquire(&node.Locked, func(v int) bool { return v == 1 })
	}
	v = SmpCondLoadAcquire(val, func(v int32) bool { return v&(qTail-1) == 0 })
	if v == tail && CmpxchgRelaxed(val, tail, qLocked) == tail {
		return
	}
	AtomicAdd(qLocked, val)
	next := SmpCondLoadRelaxed(&node.Next, func(n *qnode) bool { return n != nil })
	SmpStoreRelease(&next.Locked, 1)
}

// linuxRwlock is the rwlock that model checkers know from arch/x86 of old, as tests/correct/data-structures/linuxrwlocks of
// GenMC has it: the word starts at a bias, which a writer takes as a whole and a reader one of. Each of n tasks reads and then
// writes. Who takes too much gives it back, waits and tries again; without retries it stops there, which is how GenMC counts.
func linuxRwlock(n int, retries bool) func(*Kernel) {
	const bias = 0x100000
	return func(k *Kernel) {
		lock, x := NewWord(k, "lock", int32(bias)), NewWord(k, "x", 0)
		take := func(by int32, free func(int32) bool) {
			for !free(AtomicFetchAdd(-by, lock)) {
				if !retries {
					CpuRelax()
				}
				AtomicAdd(by, lock)
				SmpCondLoadRelaxed(lock, free)
			}
		}
		for i := range n {
			k.Go(fmt.Sprint("P", i), func() {
				take(1, func(v int32) bool { return v > 0 })
				x.Get()
				AtomicFetchAdd(1, lock)
				take(bias, func(v int32) bool { return v == bias })
				x.Set(i)
				AtomicFetchAdd(bias, lock)
			})
		}
	}
}
