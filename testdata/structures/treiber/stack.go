// Package treiber is Treiber's lock-free stack.
//
// Treiber, "Systems Programming: Coping with Parallelism" (IBM RJ 5118, 1986); llist_add and llist_del_first of
// include/linux/llist.h. Nodes are not used again while somebody may pop: else a pop that was interrupted finds its node on top
// once more, with another successor (ABA).
package treiber

import . "github.com/mmvet/mmvet/kernelshim"

// A Stack is its top node.
type Stack struct {
	Object
	Top Word[*Node]
}

// A Node is an element.
type Node struct {
	Object
	Next Word[*Node]
	Data Word[int]
}

// NewStack makes an empty stack.
func NewStack(k *Kernel) *Stack { return New[Stack](k, "stack") }

// Push puts a node on top.
func (s *Stack) Push(node *Node) {
	for {
		top := ReadOnce(&s.Top)
		WriteOnce(&node.Next, top)
		// Pairs with the acquire in Pop: who sees the node, sees what is in it.
		if CmpxchgRelease(&s.Top, top, node) == top {
			return
		}
		CpuRelax()
	}
}

// Pop takes the top node away; nil if there is none.
func (s *Stack) Pop() *Node {
	for {
		top := SmpLoadAcquire(&s.Top)
		if top == nil {
			return nil
		}
		next := ReadOnce(&top.Next)
		if CmpxchgRelaxed(&s.Top, top, next) == top {
			return top
		}
		CpuRelax()
	}
}
