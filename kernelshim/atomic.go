package kernelshim

import "github.com/mmvet/mmvet/memorder"

// An AtomicT is atomic_t, include/linux/types.h. It is a Word: READ_ONCE of it is legal.
type AtomicT = Word[int32]

// An AtomicLongT is atomic_long_t.
type AtomicLongT = Word[int64]

// Integer is what atomics count in.
type Integer interface {
	~int | ~int32 | ~int64 | ~uint | ~uint32 | ~uint64
}

// AtomicRead is atomic_read, include/linux/atomic/atomic-instrumented.h: unordered.
func AtomicRead[T Integer](v *Word[T]) T { return v.load("atomic_read", memorder.Once) }

// AtomicReadAcquire is atomic_read_acquire.
func AtomicReadAcquire[T Integer](v *Word[T]) T {
	return v.load("atomic_read_acquire", memorder.Acquire)
}

// AtomicSet is atomic_set: unordered.
func AtomicSet[T Integer](v *Word[T], i T) { v.store("atomic_set", memorder.Once, i) }

// AtomicSetRelease is atomic_set_release.
func AtomicSetRelease[T Integer](v *Word[T], i T) {
	v.store("atomic_set_release", memorder.Release, i)
}

// AtomicAdd is atomic_add: unordered, returns nothing.
func AtomicAdd[T Integer](i T, v *Word[T]) { add(v, "atomic_add", memorder.Noreturn, i) }

// AtomicSub is atomic_sub: unordered, returns nothing.
func AtomicSub[T Integer](i T, v *Word[T]) { add(v, "atomic_sub", memorder.Noreturn, -i) }

// AtomicInc is atomic_inc: unordered, returns nothing.
func AtomicInc[T Integer](v *Word[T]) { add(v, "atomic_inc", memorder.Noreturn, 1) }

// AtomicDec is atomic_dec: unordered, returns nothing.
func AtomicDec[T Integer](v *Word[T]) { add(v, "atomic_dec", memorder.Noreturn, -T(1)) }

// AtomicAddReturn is atomic_add_return: fully ordered, returns the new value.
func AtomicAddReturn[T Integer](i T, v *Word[T]) T {
	return add(v, "atomic_add_return", memorder.Mb, i) + i
}

// AtomicSubReturn is atomic_sub_return: fully ordered, returns the new value.
func AtomicSubReturn[T Integer](i T, v *Word[T]) T {
	return add(v, "atomic_sub_return", memorder.Mb, -i) - i
}

// AtomicIncReturn is atomic_inc_return: fully ordered, returns the new value.
func AtomicIncReturn[T Integer](v *Word[T]) T {
	return add(v, "atomic_inc_return", memorder.Mb, 1) + 1
}

// AtomicDecReturn is atomic_dec_return: fully ordered, returns the new value.
func AtomicDecReturn[T Integer](v *Word[T]) T {
	return add(v, "atomic_dec_return", memorder.Mb, -T(1)) - 1
}

// AtomicFetchAdd is atomic_fetch_add: fully ordered, returns the old value.
func AtomicFetchAdd[T Integer](i T, v *Word[T]) T {
	return add(v, "atomic_fetch_add", memorder.Mb, i)
}

// AtomicIncAndTest is atomic_inc_and_test: fully ordered, true if the new value is 0.
func AtomicIncAndTest[T Integer](v *Word[T]) bool {
	return add(v, "atomic_inc_and_test", memorder.Mb, 1)+1 == 0
}

// AtomicDecAndTest is atomic_dec_and_test: fully ordered, true if the new value is 0.
func AtomicDecAndTest[T Integer](v *Word[T]) bool {
	return add(v, "atomic_dec_and_test", memorder.Mb, -T(1))-1 == 0
}

// AtomicSubReturnAcquire is atomic_sub_return_acquire: acquire, returns the new value.
func AtomicSubReturnAcquire[T Integer](i T, v *Word[T]) T {
	return add(v, "atomic_sub_return_acquire", memorder.Acquire, -i) - i
}

// AtomicAddReturnRelease is atomic_add_return_release: release, returns the new value.
func AtomicAddReturnRelease[T Integer](i T, v *Word[T]) T {
	return add(v, "atomic_add_return_release", memorder.Release, i) + i
}

// AtomicSubReturnRelease is atomic_sub_return_release: release, returns the new value.
func AtomicSubReturnRelease[T Integer](i T, v *Word[T]) T {
	return add(v, "atomic_sub_return_release", memorder.Release, -i) - i
}

// AtomicFetchOrAcquire is atomic_fetch_or_acquire: acquire, returns the old value.
func AtomicFetchOrAcquire[T Integer](i T, v *Word[T]) T {
	return v.rmw("atomic_fetch_or_acquire", memorder.Acquire, i, func(old T) T { return old | i })
}

// AtomicOr is atomic_or: unordered, returns nothing.
func AtomicOr[T Integer](i T, v *Word[T]) {
	v.rmw("atomic_or", memorder.Noreturn, i, func(old T) T { return old | i })
}

// AtomicAndnot is atomic_andnot: unordered, returns nothing.
func AtomicAndnot[T Integer](i T, v *Word[T]) {
	v.rmw("atomic_andnot", memorder.Noreturn, i, func(old T) T { return old &^ i })
}

// AtomicXchg is atomic_xchg: fully ordered, returns the old value.
func AtomicXchg[T Integer](v *Word[T], i T) T { return v.xchg("atomic_xchg", memorder.Mb, i) }

// AtomicCmpxchg is atomic_cmpxchg: returns the old value; fully ordered if that is old.
func AtomicCmpxchg[T Integer](v *Word[T], old, new T) T {
	return v.cmpxchg("atomic_cmpxchg", memorder.Mb, old, new)
}

// AtomicAddUnless is atomic_add_unless: adds a unless the value is u; true if it did. Fully ordered if it did.
func AtomicAddUnless[T Integer](v *Word[T], a, u T) bool {
	return addUnless(v, "atomic_add_unless", memorder.Mb, a, u)
}

// AtomicIncNotZero is atomic_inc_not_zero: increments unless 0; true if it did. Fully ordered if it did.
func AtomicIncNotZero[T Integer](v *Word[T]) bool {
	return addUnless(v, "atomic_inc_not_zero", memorder.Mb, 1, 0)
}

// AtomicDecIfPositive is atomic_dec_if_positive: decrements if the new value is not negative; returns what the new value is or would have
// been. Fully ordered if it did.
func AtomicDecIfPositive(v *AtomicT) int32 {
	return v.rmw("atomic_dec_if_positive", memorder.Mb, int32(1), func(old int32) int32 {
		if old <= 0 {
			return old
		}
		return old - 1
	}) - 1
}

// add adds i to a word and returns the old value.
func add[T Integer](w *Word[T], prim string, tag memorder.Tag, i T) T {
	return w.rmw(prim, tag, i, func(v T) T { return v + i })
}

// addUnless adds a unless the word is u, and reports whether it did.
func addUnless[T Integer](w *Word[T], prim string, tag memorder.Tag, a, u T) bool {
	return u != w.rmw(prim, tag, a, func(v T) T {
		if v == u {
			return v
		}
		return v + a
	})
}
