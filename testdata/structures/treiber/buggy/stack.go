// Package buggy is Treiber's stack that pushes by a relaxed cmpxchg: who pops the node may not see what is in it.
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/treiber"
)

// A Stack is a treiber.Stack with another Push.
type Stack struct{ *treiber.Stack }

// NewStack makes an empty stack.
func NewStack(k *Kernel) Stack { return Stack{treiber.NewStack(k)} }

// Push puts a node on top.
func (s Stack) Push(node *treiber.Node) {
	for {
		top := ReadOnce(&s.Top)
		WriteOnce(&node.Next, top)
		if CmpxchgRelaxed(&s.Top, top, node) == top { // should be CmpxchgRelease // want `pairing: cmpxchg_relaxed of Stack.Top`
			return
		}
		CpuRelax()
	}
}
