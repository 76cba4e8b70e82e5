package memorder

import "testing"

// TestOps walks each primitive of ours through its word: who may enter when, and what is left behind.
func TestOps(t *testing.T) {
	lock5, unlock5 := BitSpinLock(5), BitSpinUnlock(5)
	for _, c := range []struct {
		name string
		op   *Op
		v    uint64
		next uint64 // what the word becomes
		can  bool
	}{
		{"reader, free", &DownRead, 0, 2, true},
		{"reader beside readers", &DownRead, 4, 6, true},
		{"reader against a writer", &DownRead, 1, 0, false},
		{"writer, free", &DownWrite, 0, 1, true},
		{"writer against readers", &DownWrite, 2, 0, false},
		{"writer against a writer", &DownWrite, 1, 0, false},
		{"last reader leaves", &UpRead, 2, 0, true},
		{"a reader leaves that is not inside", &UpRead, 0, 0, false},
		{"writer leaves", &UpWrite, 1, 0, true},
		{"a writer leaves that is not inside", &UpWrite, 2, 0, false},
		{"writer becomes a reader", &DowngradeWrite, 1, 2, true},
		{"a reader cannot", &DowngradeWrite, 2, 0, false},
		{"mutex, free", &MutexLock, 0, 1, true},
		{"mutex, held", &MutexLock, 1, 0, false},
		{"mutex unlocked", &MutexUnlock, 1, 0, true},
		{"bit, free", &lock5, 0b1, 0b100001, true},
		{"bit, held", &lock5, 0b100000, 0, false},
		{"bit unlocked", &unlock5, 0b100001, 0b1, true},
		{"complete", &Complete, 1, 2, true},
		{"wait, done", &WaitForCompletion, 2, 1, true},
		{"wait, not done", &WaitForCompletion, 0, 0, false},
	} {
		if got := c.op.CanGo(c.v); got != c.can {
			t.Errorf("%s: CanGo(%d) = %v", c.name, c.v, got)
		} else if got && c.op.Next(c.v) != c.next {
			t.Errorf("%s: %d becomes %d, want %d", c.name, c.v, c.op.Next(c.v), c.next)
		}
	}
}

// TestOpEvents: an operation is a read and a write of one atomic, the write depending on the read; a failure is one read.
func TestOpEvents(t *testing.T) {
	r, w := DownRead.Events(3, 2, 5, 1, 2)
	if r.Kind != Read || r.Value != 2 || r.Half != PairedRMW || !r.acquires() || r.Addr != 1 || r.Ctrl != 2 {
		t.Errorf("read %v", &r)
	}
	if w.Kind != Write || w.Value != 4 || w.Half != PairedRMW || w.Data != 1<<5 || w.Loc != 3 {
		t.Errorf("write %v", &w)
	}
	if f := DownWrite.Fails(3, 2, 0, 0); f.Half != FailedRMW || f.acquires() {
		t.Errorf("failure %v", &f)
	}
}
