// Package seqretry reports readers of sequence counts that do not look whether what they read is valid, or use it before they
// know, and writers without a lock.
//
// # Analyzer seqretry
//
// seqretry: check that readers of a sequence count retry before they use what they read
//
// A reader of a sequence count takes no lock. It reads the count, then the data, then the count again: if that has moved, or
// was odd, a writer was inside, and what was read is worth nothing (Documentation/locking/seqlock.rst). So:
//
//   - Every return that hands out what was read comes after the second look, and the second look's answer is used.
//   - Nothing is done before it that cannot be undone: no store to shared memory. References may be taken, and given back.
//   - No pointer that was read is followed before it, unless RCU or interrupts off keep what it leads to.
//   - The second look is at the count that the first was at, with what that returned.
//   - raw_read_seqcount does not wait: its caller looks whether the count is odd, unless it compares the count with one that is kept
//     elsewhere, as vma_start_read does.
//   - Writers hold a lock that keeps other writers out, and end what they begin.
//
// This is WRONG:
//
//	seq := ReadSeqcountBegin(&c.Seq)
//	a, b := c.A.Get(), c.B.Get()
//	return a + b // a writer may have been between the two
//
// This is RIGHT:
//
//	for {
//		seq := ReadSeqcountBegin(&c.Seq)
//		a, b := ReadOnce(&c.A), ReadOnce(&c.B)
//		if !ReadSeqcountRetry(&c.Seq, seq) {
//			return a + b
//		}
//	}
//
// To give up with nothing, false or an error, is right at any time. In ordinary Go, a type SeqCount with the methods of gVisor's
// package sync (BeginRead, ReadOk, BeginWrite, EndWrite) is held to the same.
//
// Known limits: what a called function does with what was read is not looked at. That what was read is dropped when the second
// look fails is not checked. That write sections over package kernelshim are ended is checked by lockbalance. In ordinary Go,
// locks of writers are not checked, and pointers may be followed: the garbage collector keeps what they lead to.
// Where the count is handed to another function, the second look is expected there. Tests are left out.
package seqretry
