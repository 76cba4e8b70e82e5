package kernelshim

import "github.com/mmvet/mmvet/memorder"

// Xchg is xchg, include/linux/atomic/atomic-instrumented.h: fully ordered exchange, returns the old value.
func Xchg[T comparable](w *Word[T], v T) T { return w.xchg("xchg", memorder.Mb, v) }

// XchgRelaxed is xchg_relaxed.
func XchgRelaxed[T comparable](w *Word[T], v T) T { return w.xchg("xchg_relaxed", memorder.Once, v) }

// XchgAcquire is xchg_acquire.
func XchgAcquire[T comparable](w *Word[T], v T) T { return w.xchg("xchg_acquire", memorder.Acquire, v) }

// XchgRelease is xchg_release.
func XchgRelease[T comparable](w *Word[T], v T) T { return w.xchg("xchg_release", memorder.Release, v) }

// Cmpxchg is cmpxchg, include/linux/atomic/atomic-instrumented.h: if the word is old it becomes new; returns what it
// was. Fully ordered if it succeeds, unordered if not.
func Cmpxchg[T comparable](w *Word[T], old, new T) T {
	return w.cmpxchg("cmpxchg", memorder.Mb, old, new)
}

// CmpxchgRelaxed is cmpxchg_relaxed.
func CmpxchgRelaxed[T comparable](w *Word[T], old, new T) T {
	return w.cmpxchg("cmpxchg_relaxed", memorder.Once, old, new)
}

// CmpxchgAcquire is cmpxchg_acquire: acquire if it succeeds.
func CmpxchgAcquire[T comparable](w *Word[T], old, new T) T {
	return w.cmpxchg("cmpxchg_acquire", memorder.Acquire, old, new)
}

// CmpxchgRelease is cmpxchg_release: release if it succeeds.
func CmpxchgRelease[T comparable](w *Word[T], old, new T) T {
	return w.cmpxchg("cmpxchg_release", memorder.Release, old, new)
}

func (w *Word[T]) xchg(prim string, tag memorder.Tag, v T) T {
	return w.rmw(prim, tag, v, func(T) T { return v })
}

func (w *Word[T]) cmpxchg(prim string, tag memorder.Tag, old, new T) T {
	return w.rmw(prim, tag, [2]T{old, new}, func(v T) T {
		if v == old {
			return new
		}
		return v
	})
}

// XchgBitsRelaxed is xchg_relaxed of a part of a word, the bits of mask: words have one size here. Returns the whole old word. It is
// for the likes of xchg_tail, kernel/locking/qspinlock.h. Unordered.
func XchgBitsRelaxed[T Integer](w *Word[T], mask, bits T) T {
	return w.rmw("xchg_relaxed", memorder.Once, bits, func(old T) T { return old&^mask | bits&mask })
}
