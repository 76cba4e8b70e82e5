// Package msqueue is the lock-free queue of Michael and Scott.
//
// Michael and Scott, "Simple, Fast, and Practical Non-Blocking and Blocking Concurrent Queue Algorithms" (PODC 1996), figure 1.
// Nodes are not used again, so pointers need no counters.
package msqueue

import . "github.com/mmvet/mmvet/kernelshim"

// A Queue is a list that starts with a dummy: the node that was taken out last. Tail is the last node or, while somebody enqueues,
// one before it.
type Queue struct {
	Object
	Head, Tail Word[*Node]
}

// A Node is an element.
type Node struct {
	Object
	Next Word[*Node]
	Data Word[int]
}

// NewQueue makes an empty queue.
func NewQueue(k *Kernel) *Queue {
	dummy := New[Node](k, "dummy")
	return New(k, "queue", func(q *Queue) { q.Head.Init(dummy); q.Tail.Init(dummy) })
}

// Enqueue puts a node at the end.
func (q *Queue) Enqueue(node *Node) {
	for {
		last := SmpLoadAcquire(&q.Tail)
		if next := SmpLoadAcquire(&last.Next); next != nil {
			q.Advance(last, next)
			continue
		}
		// Pairs with the acquire of Next in Dequeue: who sees the node, sees what is in it.
		if CmpxchgRelease(&last.Next, nil, node) == nil {
			q.Advance(last, node)
			return
		}
		CpuRelax()
	}
}

// Advance moves Tail on by a node, unless somebody else has done so.
func (q *Queue) Advance(last, next *Node) { CmpxchgRelease(&q.Tail, last, next) }

// Dequeue takes the first element out, and returns what is in it; false if there is none.
func (q *Queue) Dequeue() (data int, ok bool) {
	for {
		first := SmpLoadAcquire(&q.Head)
		last := SmpLoadAcquire(&q.Tail)
		next := SmpLoadAcquire(&first.Next)
		switch {
		case next == nil:
			return 0, false
		case first == last: // Head must not overtake Tail
			q.Advance(last, next)
		case CmpxchgRelease(&q.Head, first, next) == first:
			return ReadOnce(&next.Data), true
		default:
			CpuRelax()
		}
	}
}
