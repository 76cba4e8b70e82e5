package kernelshim

import "github.com/mmvet/mmvet/memorder"

// A RefcountT is refcount_t, include/linux/refcount.h. It is a Word.
type RefcountT = Word[int32]

// RefcountRead is refcount_read: unordered.
func RefcountRead(r *RefcountT) int32 { return r.load("refcount_read", memorder.Once) }

// RefcountSet is refcount_set: unordered.
func RefcountSet(r *RefcountT, n int32) { r.store("refcount_set", memorder.Once, n) }

// RefcountSetRelease is refcount_set_release (v6.15): release.
func RefcountSetRelease(r *RefcountT, n int32) { r.store("refcount_set_release", memorder.Release, n) }

// RefcountInc is refcount_inc: unordered. Incrementing 0 is a bug: the object may be free.
func RefcountInc(r *RefcountT) {
	old := add(r, "refcount_inc", memorder.Once, 1)
	BugOn(old == 0, "refcount_t: addition on 0; use-after-free")
}

// RefcountIncNotZero is refcount_inc_not_zero: unordered (a control dependency), false if the count is 0.
func RefcountIncNotZero(r *RefcountT) bool {
	return addUnless(r, "refcount_inc_not_zero", memorder.Once, 1, 0)
}

// RefcountIncNotZeroAcquire is refcount_inc_not_zero_acquire (v6.15): acquire on success.
func RefcountIncNotZeroAcquire(r *RefcountT) bool {
	return addUnless(r, "refcount_inc_not_zero_acquire", memorder.Acquire, 1, 0)
}

// RefcountDec is refcount_dec: release. Reaching 0 is a bug: the object leaks.
func RefcountDec(r *RefcountT) {
	old := add(r, "refcount_dec", memorder.Release, -1)
	BugOn(old <= 1, "refcount_t: decrement hit 0; leaking memory")
}

// RefcountDecAndTest is refcount_dec_and_test: release, and acquire if it returns true: the count is 0 now.
func RefcountDecAndTest(r *RefcountT) bool { return RefcountSubAndTest(1, r) }

// RefcountSubAndTest is refcount_sub_and_test: release, and acquire if it returns true. Going below 0 is a bug.
func RefcountSubAndTest(i int32, r *RefcountT) bool {
	old := add(r, "refcount_sub_and_test", memorder.Release, -i)
	BugOn(old < i, "refcount_t: underflow; use-after-free")
	if old != i {
		return false
	}
	SmpAcquireAfterCtrlDep()
	return true
}

// putTestzero is atomic_dec_and_test of a count of references. To give back a reference that nobody has is a bug, as the
// VM_BUG_ON_PAGE of put_page_testzero says, include/linux/mm.h.
func putTestzero(count *AtomicT) bool {
	old := add(count, "atomic_dec_and_test", memorder.Mb, -1)
	BugOn(old <= 0, "a reference is given back that nobody has")
	return old == 1
}
