// Package mcs is the queue lock of Mellor-Crummey and Scott: each CPU waits at a node of its own, which its predecessor writes.
//
// Mellor-Crummey and Scott, "Algorithms for Scalable Synchronization on Shared-Memory Multiprocessors" (TOCS 1991), section 2.4;
// mcs_spin_lock and mcs_spin_unlock of kernel/locking/mcs_spinlock.h.
package mcs

import (
	"sync"

	. "github.com/mmvet/mmvet/kernelshim"
)

// A Lock is the tail of the queue whose head owns the lock; nil if nobody does.
type Lock struct {
	Object
	Tail Word[*Node]
}

// A Node is a CPU's place in the queue: struct mcs_spinlock.
type Node struct {
	Object
	Next   Word[*Node]
	Locked Word[int] // 1 once the lock was handed over
}

// A Handle is the lock as one CPU takes it, at its node.
type Handle struct {
	Queue *Lock
	Node  *Node
}

// NewLock makes a free lock for so many CPUs, and returns it as each of them takes it.
func NewLock(k *Kernel, cpus int) (handles []sync.Locker) {
	for _, h := range Handles(k, cpus) {
		handles = append(handles, h)
	}
	return handles
}

// Handles makes a free lock, and a node for each CPU.
func Handles(k *Kernel, cpus int) (handles []Handle) {
	lock := New[Lock](k, "mcs_lock")
	for range cpus {
		handles = append(handles, Handle{lock, New[Node](k, "mcs_node")})
	}
	return handles
}

// Lock queues up, and waits for the predecessor if there is one.
func (h Handle) Lock() {
	node := h.Node
	WriteOnce(&node.Locked, 0)
	WriteOnce(&node.Next, nil)
	// The full barrier orders the initialisation of the node before it is published, and gives acquire to who finds the lock free.
	prev := Xchg(&h.Queue.Tail, node)
	if prev == nil {
		return
	}
	WriteOnce(&prev.Next, node)
	SmpCondLoadAcquire(&node.Locked, func(v int) bool { return v == 1 })
}

// Unlock hands the lock over to the successor, if there is one.
func (h Handle) Unlock() {
	if next := h.Successor(); next != nil {
		SmpStoreRelease(&next.Locked, 1)
	}
}

// Successor returns the node after this one, or frees the lock and returns nil.
func (h Handle) Successor() *Node {
	if next := ReadOnce(&h.Node.Next); next != nil {
		return next
	}
	if CmpxchgRelease(&h.Queue.Tail, h.Node, nil) == h.Node {
		return nil
	}
	// Somebody has queued up, and will write Next.
	return SmpCondLoadRelaxed(&h.Node.Next, func(n *Node) bool { return n != nil })
}
