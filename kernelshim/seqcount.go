package kernelshim

import "github.com/mmvet/mmvet/kernelshim/internal/machine"

// A SeqcountT is seqcount_t, include/linux/seqlock.h: odd while a writer is inside. It is made of ordinary words and
// fences, exactly as in the kernel, so that the memory model judges it.
type SeqcountT struct{ Sequence Word[uint32] }

// Bind implements machine.Cell: the count has the name of the seqcount, as a lock has that of its field.
func (s *SeqcountT) Bind(m *machine.Machine, obj *machine.Object, name string) {
	s.Sequence.Bind(m, obj, name)
}

// Location implements machine.Located: the lock contract knows write sections by it.
func (s *SeqcountT) Location() *machine.Loc { return s.Sequence.Location() }

// String returns the seqcount's name, "mm0.mm_lock_seq".
func (s *SeqcountT) String() string { return s.Sequence.String() }

// RawReadSeqcount is raw_read_seqcount: the count, odd or even. Acquire.
func RawReadSeqcount(s *SeqcountT) uint32 {
	c := enter("raw_read_seqcount", s)
	return leave(c, SmpLoadAcquire(&s.Sequence))
}

// RawSeqcountTryBegin is raw_seqcount_try_begin (v6.13): opens a read section; false if a writer is inside.
func RawSeqcountTryBegin(s *SeqcountT) (start uint32, ok bool) {
	c := enter("raw_seqcount_try_begin", s)
	start = SmpLoadAcquire(&s.Sequence)
	return start, leave(c, start&1 == 0)
}

// ReadSeqcountBegin is read_seqcount_begin: waits until no writer is inside and returns the count. Acquire.
func ReadSeqcountBegin(s *SeqcountT) uint32 {
	c := enter("read_seqcount_begin", s)
	return leave(c, SmpCondLoadAcquire(&s.Sequence, func(n uint32) bool { return n&1 == 0 }))
}

// ReadSeqcountRetry is read_seqcount_retry: true if a writer was inside since start, so that what was read is void.
func ReadSeqcountRetry(s *SeqcountT, start uint32) bool {
	c := enter("read_seqcount_retry", s, start)
	SmpRmb()
	return leave(c, ReadOnce(&s.Sequence) != start)
}

// RawWriteSeqcountBegin is raw_write_seqcount_begin: opens a write section. Writers need a lock of their own. The plain increment
// counts as marked, since KCSAN is told that it is atomic.
func RawWriteSeqcountBegin(s *SeqcountT) {
	defer enter("raw_write_seqcount_begin", s).leave()
	WriteOnce(&s.Sequence, ReadOnce(&s.Sequence)+1)
	SmpWmb()
}

// RawWriteSeqcountEnd is raw_write_seqcount_end: closes the write section.
func RawWriteSeqcountEnd(s *SeqcountT) {
	defer enter("raw_write_seqcount_end", s).leave()
	SmpWmb()
	WriteOnce(&s.Sequence, ReadOnce(&s.Sequence)+1)
}

// WriteSeqcountBegin is write_seqcount_begin: raw_write_seqcount_begin, with preemption disabled.
func WriteSeqcountBegin(s *SeqcountT) {
	defer enter("write_seqcount_begin", s).leave()
	PreemptDisable()
	RawWriteSeqcountBegin(s)
}

// WriteSeqcountEnd is write_seqcount_end.
func WriteSeqcountEnd(s *SeqcountT) {
	defer enter("write_seqcount_end", s).leave()
	RawWriteSeqcountEnd(s)
	PreemptEnable()
}
