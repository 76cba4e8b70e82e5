package memorder

// Half says what part an access plays in an atomic read-modify-write. LKMM gives a failed one (a cmpxchg that did not
// match) no ordering at all, so the read half must know how the operation ends.
type Half uint8

const (
	NoRMW     Half = iota // an ordinary access
	FailedRMW             // R* of an atomic that did not write
	PairedRMW             // R* or W* of an atomic that did; the W* is the next event of the thread
)

// An Event is one step of a thread: what linux-kernel.def makes of one primitive, or of one half of it. Loc numbers the
// object (locks and SRCU domains included) and is ignored for fences. Value is what was read or written. Domain, if it is not 0,
// is the SRCU domain, whose readers then may have locations of their own, as the kernel's have a counter for each CPU.
//
// Addr, Data and Ctrl are the syntactic dependencies (lkmm's addr0, data0, ctrl0): bit i stands for the i-th memory access
// of the same thread, counting reads, writes and lock events but not fences. Acquisitions of a lock are two events, a
// LockRead and at once a LockWrite.
type Event struct {
	Kind             Kind
	Tag              Tag
	Half             Half
	Domain           uint32
	Loc              int
	Value            uint64
	Addr, Data, Ctrl uint64
}

// MaxAccesses is the largest number of memory accesses of one thread: dependencies and program order are one machine word.
const MaxAccesses = 64

// Reads reports whether the event is in LKMM's set R, lock reads included.
func (e *Event) Reads() bool {
	switch e.Kind {
	case Read, LockRead, LockFail, ReadLocked, ReadUnlocked:
		return true
	}
	return false
}

// Writes reports whether the event is in LKMM's set W, lock writes included.
func (e *Event) Writes() bool { return e.Kind == Write || e.Kind == LockWrite || e.Kind == Unlock }

// Accesses reports whether the event is in LKMM's set M = R | W.
func (e *Event) Accesses() bool { return e.Kind != Fence && e.Kind != SyncSRCU }

// plain reports membership in Plain = M \ Marked: halves of an atomic are marked even when it fails.
func (e *Event) plain() bool {
	return (e.Kind == Read || e.Kind == Write) && e.Tag == Plain && e.Half == NoRMW
}

func (e *Event) acquires() bool {
	return e.Kind == LockRead || e.Kind == Read && e.Tag == Acquire && e.Half != FailedRMW
}

func (e *Event) releases() bool {
	return e.Kind == Unlock || e.Kind == Write && e.Tag == Release && e.Half != FailedRMW
}

// full reports membership in Mb for accesses: both halves of a successful full-barrier atomic.
func (e *Event) full() bool { return e.Tag == Mb && e.Half == PairedRMW }

func (e *Event) noreturn() bool { return e.Tag == Noreturn && e.Reads() }
