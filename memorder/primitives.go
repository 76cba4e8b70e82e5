package memorder

// lock.cat knows spinlocks only. The kernel's other primitives are stated here, as ours, by what their implementations do to
// one word: an atomic read-modify-write that waits until the word is Ready. So they need no axiom beyond those of
// linux-kernel.cat, and they promise what their atomics promise and no more. In particular an unlock and a later lock by
// another thread order as release and acquire do, through rf and rmw-sequence, but there is no po-unlock-lock-po, which the
// model grants to spinlocks alone.
//
// A thread that finds the word not Ready waits: such an execution is not complete and is left out, as lock.cat leaves out
// one in which spin_lock never returns. A trylock that finds it so is a failed atomic and orders nothing. For an unlock,
// Ready says that the lock is held; an execution that unlocks what nobody holds is left out as well.

// An Op is the effect of one such primitive on its word.
type Op struct {
	Tag   Tag
	Ready func(v uint64) bool // nil: always
	Next  func(v uint64) uint64
}

// Events returns the two events of an operation that finds the value v and goes ahead. The write depends on the read.
// dep names the accesses that the address depends on, ctrl those that led here; read is the index that the first event will
// have among the accesses of its thread.
func (o *Op) Events(loc int, v uint64, read int, dep, ctrl uint64) (r, w Event) {
	r = Event{Kind: Read, Tag: o.Tag, Half: PairedRMW, Loc: loc, Value: v, Addr: dep, Ctrl: ctrl}
	w = r
	w.Kind, w.Value, w.Data = Write, o.Next(v), 1<<read
	return r, w
}

// Fails returns the one event of a trylock that finds v.
func (o *Op) Fails(loc int, v, dep, ctrl uint64) Event {
	return Event{Kind: Read, Tag: o.Tag, Half: FailedRMW, Loc: loc, Value: v, Addr: dep, Ctrl: ctrl}
}

// CanGo reports whether the operation goes ahead on v.
func (o *Op) CanGo(v uint64) bool { return o.Ready == nil || o.Ready(v) }

// The word of an rwsem or rwlock: writerBias while a writer holds it, one readerBias for each reader. kernel/locking/rwsem.c
// counts in the same way (RWSEM_WRITER_LOCKED, RWSEM_READER_BIAS); its other bits only decide who sleeps.
const (
	writerBias = 1
	readerBias = 2
)

// Read and write locks: rw_semaphore and rwlock_t, which order alike.
var (
	// DownRead is down_read and read_lock: rwsem_read_trylock, atomic_long_add_return_acquire. Readers wait for a writer only.
	DownRead = Op{Acquire, func(v uint64) bool { return v&writerBias == 0 }, func(v uint64) uint64 { return v + readerBias }}
	// UpRead is up_read and read_unlock: atomic_long_add_return_release.
	UpRead = Op{Release, func(v uint64) bool { return v >= readerBias && v&writerBias == 0 }, func(v uint64) uint64 { return v - readerBias }}
	// DownWrite is down_write and write_lock: atomic_long_try_cmpxchg_acquire from unlocked.
	DownWrite = Op{Acquire, func(v uint64) bool { return v == 0 }, func(v uint64) uint64 { return v + writerBias }}
	// UpWrite is up_write and write_unlock: atomic_long_fetch_add_release.
	UpWrite = Op{Release, heldByWriter, func(v uint64) uint64 { return v - writerBias }}
	// DowngradeWrite is downgrade_write: a release, so that the readers it admits see what the writer did, and the writer
	// goes on as a reader with no gap in which another writer could come in.
	DowngradeWrite = Op{Release, heldByWriter, func(v uint64) uint64 { return v - writerBias + readerBias }}
)

func heldByWriter(v uint64) bool { return v == writerBias }

// Mutexes: kernel/locking/mutex.c, __mutex_trylock_fast and __mutex_unlock_fast.
var (
	MutexLock   = Op{Acquire, func(v uint64) bool { return v == 0 }, func(uint64) uint64 { return 1 }}
	MutexUnlock = Op{Release, func(v uint64) bool { return v == 1 }, func(uint64) uint64 { return 0 }}
)

// Completions: kernel/sched/completion.c counts done under a raw spinlock; we promise only release and acquire.
var (
	Complete          = Op{Release, nil, func(v uint64) uint64 { return v + 1 }}
	WaitForCompletion = Op{Acquire, func(v uint64) bool { return v > 0 }, func(v uint64) uint64 { return v - 1 }}
)

// BitSpinLock is bit_spin_lock of include/linux/bit_spinlock.h, test_and_set_bit_lock on bit nr: the other bits of the word
// stay as they are.
func BitSpinLock(nr uint) Op {
	bit := uint64(1) << nr
	return Op{Acquire, func(v uint64) bool { return v&bit == 0 }, func(v uint64) uint64 { return v | bit }}
}

// BitSpinUnlock is bit_spin_unlock, clear_bit_unlock on bit nr.
func BitSpinUnlock(nr uint) Op {
	bit := uint64(1) << nr
	return Op{Release, func(v uint64) bool { return v&bit != 0 }, func(v uint64) uint64 { return v &^ bit }}
}

// Sequence counts, include/linux/seqlock.h, as steps: the reader's begin is an acquire load that waits for an even value
// (__read_seqcount_begin), its retry smp_rmb and a marked load; the writer brackets its stores with two marked increments and
// smp_wmb (do_raw_write_seqcount_begin, _end). SeqIncrement is the increment; the write lock outside makes it a plain pair of
// marked accesses, not an atomic.
func SeqIncrement(loc int, v uint64, read int, dep, ctrl uint64) (r, w Event) {
	r = Event{Kind: Read, Tag: Once, Loc: loc, Value: v, Addr: dep, Ctrl: ctrl}
	w = Event{Kind: Write, Tag: Once, Loc: loc, Value: v + 1, Addr: dep, Ctrl: ctrl, Data: 1 << read}
	return r, w
}

// SeqEven reports whether a reader may begin at v.
func SeqEven(v uint64) bool { return v&1 == 0 }

// IRQOff and IRQOn are what local_irq_disable and local_irq_enable, preempt_disable and preempt_enable mean to memory: they
// stop the compiler, order nothing between CPUs, and since v4.20 the section between them is an RCU read-side critical
// section, for synchronize_rcu waits for it (include/linux/rcupdate.h, "RCU-sched").
func IRQOff() [2]Event { return [2]Event{{Kind: Fence, Tag: Barrier}, {Kind: Fence, Tag: RCULock}} }

// IRQOn ends what IRQOff began.
func IRQOn() [2]Event { return [2]Event{{Kind: Fence, Tag: RCUUnlock}, {Kind: Fence, Tag: Barrier}} }

// CallRCU and RCUCallback split call_rcu in two: the caller publishes the request with a release, and the callback, a thread
// of its own, begins with an acquire that sees the request and a grace period. So what the caller did before call_rcu
// happens before the callback, and so does every read-side critical section that began before call_rcu.
func CallRCU(loc int, dep, ctrl uint64) Event {
	return Event{Kind: Write, Tag: Release, Loc: loc, Value: 1, Addr: dep, Ctrl: ctrl}
}

// RCUCallback returns the two events that begin a callback.
func RCUCallback(loc int, dep, ctrl uint64) [2]Event {
	return [2]Event{
		{Kind: Read, Tag: Acquire, Loc: loc, Value: 1, Addr: dep, Ctrl: ctrl},
		{Kind: Fence, Tag: SyncRCU, Ctrl: ctrl},
	}
}
