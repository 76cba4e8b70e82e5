// Package buggy is the queue of Michael and Scott that links a node by a relaxed cmpxchg: who takes it out may not see what is in it.
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/msqueue"
)

// A Queue is an msqueue.Queue with another Enqueue.
type Queue struct{ *msqueue.Queue }

// NewQueue makes an empty queue.
func NewQueue(k *Kernel) Queue { return Queue{msqueue.NewQueue(k)} }

// Enqueue puts a node at the end.
func (q Queue) Enqueue(node *msqueue.Node) {
	for {
		last := SmpLoadAcquire(&q.Tail)
		if next := SmpLoadAcquire(&last.Next); next != nil {
			q.Advance(last, next)
			continue
		}
		if CmpxchgRelaxed(&last.Next, nil, node) == nil { // should be CmpxchgRelease // want `pairing: cmpxchg_relaxed of Node.Next`
			q.Advance(last, node)
			return
		}
		CpuRelax()
	}
}
