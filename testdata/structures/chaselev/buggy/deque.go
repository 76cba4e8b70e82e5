// Package buggy is the deque of Chase and Lev whose owner takes without a full fence: it may miss what a thief has stolen, who in
// turn has missed that the owner came down to it.
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/chaselev"
)

// A Deque is a chaselev.Deque with another Take.
type Deque struct{ *chaselev.Deque }

// NewDeque makes an empty deque.
func NewDeque(k *Kernel) Deque { return Deque{chaselev.NewDeque(k)} }

// Take takes the element at the bottom; false if there is none.
func (d Deque) Take() (x int, ok bool) {
	b := ReadOnce(&d.Bottom) - 1
	SmpStoreRelease(&d.Bottom, b)
	// SmpMb is missing here.
	return d.TakeAt(b) // want `pairing: Deque.Top is stored after smp_store_release of Deque.Bottom`
}
