// Package buggy is the ticket lock whose owner serves the next ticket by a relaxed store: what it did under the lock may become
// visible only after the next owner has looked.
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/ticketlock"
)

type right = ticketlock.Lock

// A Lock is a ticketlock.Lock with another Unlock.
type Lock struct{ *right }

// NewLock makes a free lock.
func NewLock(k *Kernel) Lock { return Lock{ticketlock.NewLock(k)} }

// Unlock serves the next ticket.
func (l Lock) Unlock() {
	WriteOnce(&l.Serving, ReadOnce(&l.Serving)+1) // should be SmpStoreRelease
}
