// Package pairing reports releases without an acquire, acquires without a release, and data that is accessed on the wrong
// side of them.
//
// # Analyzer pairing
//
// pairing: check that what is published by a store is ordered before it, and what is read after a load behind it
//
// A task passes data to another one without a common lock by a flag: it writes the data and then stores the flag; the other
// loads the flag and then reads the data. Compilers and processors reorder plain and relaxed accesses. So the store must be a
// release, or smp_wmb or smp_mb stands before it; and the load that decides must be an acquire, or smp_rmb or smp_mb stands
// behind it, or the data is reached through the pointer that was loaded. One half alone is worth nothing. What a primitive
// orders is decided by the kernel memory model: each half is put to it with an ideal partner on the other side.
//
// Flags are found in three ways. A protocol of the contract names the flag, the functions that store and load it and how:
// mm_lock_seq, vm_refcnt, anon_vma. An explicit order on one side, such as smp_load_acquire, has no partner anywhere. And
// what is stored before a flag and read behind it, by functions that hold no common lock, has the shape of a message: the two
// are matched by the fields that both touch, through calls and across packages.
//
// A protocol may also ask for a fence between two calls, or for a call between two others: who unmaps a page and GUP-fast see each
// other's accesses in the right order, and who clears a PTE looks for pins before the page goes (protocol anon_exclusive). Either end
// may be the business of the function's caller.
//
// A sequence count, a bit that is a lock, and a pointer to a new object are flags like any other. A load that only
// lets a function give up early decides nothing, and may stay relaxed; one that waits (smp_cond_load_relaxed) decides.
//
// Lock-free code orders no more than it must, and what it leaves out is not asked for: a node that the function was given is nobody
// else's until a pointer to it is stored; who loads a word, changes it and stores it by two steps is the only one who stores it; what
// a compare-and-exchange of the same word finds again was not too old; what is waited for needs no order to be seen in the end; NULL
// leads to no data.
//
// This is WRONG (v6.4):
//
//	vma.VmFlags.Set(flags)
//	WriteOnce(&mm.MmLockSeq.Sequence, seq+1) // a page fault may see the new count and the old flags
//
// This is RIGHT (v6.5):
//
//	vma.VmFlags.Set(flags)
//	SmpStoreRelease(&mm.MmLockSeq.Sequence, seq+1)
//
// In ordinary Go, operations of sync/atomic are always ordered, and the mistake is to leave them out: a field that is
// accessed with sync/atomic in one place must not be accessed plainly in another, unless a lock keeps the two apart, or nobody
// else can know the object yet.
//
// This is WRONG:
//
//	atomic.AddInt64(&s.n, 1)
//	…
//	return s.n
//
// This is RIGHT:
//
//	return atomic.LoadInt64(&s.n)
//
// Known limits: objects are told apart by type and field only; so are locks that keep accesses apart, which can hide a
// finding. Data that is only marked on both sides, with no explicit order on either, is not taken for a message. In ordinary
// Go, accesses in other packages and in tests are not compared, nor are those of a function whose comment admits a race
// ("RacyLoad", "without synchronization"), nor the writes of a method Init to its receiver.
package pairing
