// Package buggy is the sequence lock whose reader looks at the number without smp_rmb: maybe before it has read what it protects.
package buggy

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/structures/seqlock"
)

type right = seqlock.Lock

// A Lock is a seqlock.Lock with another ReadRetry.
type Lock struct{ *right }

// NewLock makes a lock without writers.
func NewLock(k *Kernel) Lock { return Lock{seqlock.NewLock(k)} }

// ReadRetry is read_seqretry.
func (l Lock) ReadRetry(start uint32) bool {
	// SmpRmb is missing here.
	return ReadOnce(&l.Sequence) != start
}
