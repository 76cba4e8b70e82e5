package scenario

import . "github.com/mmvet/mmvet/kernelshim"

// StoreBuffering (SB) has two CPUs write a word each and read the other's.
func StoreBuffering(k *Kernel) {
	x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
	k.Go("P0", func() { WriteOnce(x, 1); ReadOnce(y) })
	k.Go("P1", func() { WriteOnce(y, 1); ReadOnce(x) })
}

// IRIW has two CPUs write a word each, and two others read both: independent reads of independent writes.
func IRIW(k *Kernel) {
	x, y := NewWord(k, "x", 0), NewWord(k, "y", 0)
	k.Go("P0", func() { WriteOnce(x, 1) })
	k.Go("P1", func() { WriteOnce(y, 1) })
	k.Go("P2", func() { ReadOnce(x); ReadOnce(y) })
	k.Go("P3", func() { ReadOnce(y); ReadOnce(x) })
}
