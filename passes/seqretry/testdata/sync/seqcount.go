// Package sync has a sequence count with the methods of gVisor's.
package sync

import "sync/atomic"

// A SeqCount is a sequence count.
type SeqCount struct{ epoch uint32 }

// A SeqCountEpoch is what the count was.
type SeqCountEpoch uint32

// BeginRead waits for writers.
func (s *SeqCount) BeginRead() SeqCountEpoch {
	for {
		if e := atomic.LoadUint32(&s.epoch); e&1 == 0 {
			return SeqCountEpoch(e)
		}
	}
}

// ReadOk tells whether no writer was inside since.
func (s *SeqCount) ReadOk(e SeqCountEpoch) bool {
	return atomic.LoadUint32(&s.epoch) == uint32(e)
}

// BeginWrite opens a write section.
func (s *SeqCount) BeginWrite() { atomic.AddUint32(&s.epoch, 1) }

// EndWrite closes it.
func (s *SeqCount) EndWrite() { atomic.AddUint32(&s.epoch, 1) }
