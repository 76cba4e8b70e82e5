// Package scenario has what tasks do with the structures beside it to test, count and measure them: the same for the right version of a
// structure and for the weakened one.
package scenario

import (
	"fmt"
	"sync"

	. "github.com/mmvet/mmvet/kernelshim"
)

// Increments has each CPU add one to a counter, atomically.
func Increments(cpus int) func(*Kernel) {
	return func(k *Kernel) {
		x := NewWord(k, "x", int32(0))
		for cpu := range cpus {
			k.Go(fmt.Sprint("CPU", cpu), func() { AtomicIncReturn(x) })
		}
		k.Finally(func() { Assert(x.Get() == int32(cpus), "%d of %d additions", x.Get(), cpus) })
	}
}

// Shared has all CPUs use one lock.
func Shared[L sync.Locker](lock func(*Kernel) L) func(*Kernel, int) []sync.Locker {
	return func(k *Kernel, cpus int) (locks []sync.Locker) {
		l := lock(k)
		for range cpus {
			locks = append(locks, l)
		}
		return locks
	}
}

// Count has each CPU add one to a plain counter under a lock. locks makes the lock, and returns it as each CPU takes it.
func Count(cpus int, locks func(k *Kernel, cpus int) []sync.Locker) func(*Kernel) {
	return func(k *Kernel) {
		x := NewWord(k, "x", 0)
		for cpu, lock := range locks(k, cpus) {
			k.Go(fmt.Sprint("CPU", cpu), func() {
				lock.Lock()
				x.Set(x.Get() + 1)
				lock.Unlock()
			})
		}
		k.Finally(func() { Assert(x.Get() == cpus, "%d of %d additions", x.Get(), cpus) })
	}
}

// Spinlocks makes a spinlock of kernelshim, for Count: it is an event of the simulator, no structure.
func Spinlocks(k *Kernel, cpus int) []sync.Locker {
	return Shared(func(k *Kernel) *spinlock { return New[spinlock](k, "spinlock") })(k, cpus)
}

type spinlock struct {
	Object
	Spin Spinlock
}

func (l *spinlock) Lock()   { SpinLock(&l.Spin) }
func (l *spinlock) Unlock() { SpinUnlock(&l.Spin) }

// An RWLock is a reader-writer spinlock.
type RWLock interface {
	sync.Locker
	RLock()
	RUnlock()
}

// ReadWrite has each CPU read a plain word and then write it, under a reader-writer lock.
func ReadWrite[L RWLock](cpus int, lock func(*Kernel) L) func(*Kernel) {
	return func(k *Kernel) {
		l, x := lock(k), NewWord(k, "x", 0)
		for cpu := range cpus {
			k.Go(fmt.Sprint("CPU", cpu), func() {
				l.RLock()
				x.Get()
				l.RUnlock()
				l.Lock()
				x.Set(cpu)
				l.Unlock()
			})
		}
	}
}

// A SeqLock excludes writers from each other, and tells readers to read again.
type SeqLock interface {
	sync.Locker
	ReadBegin() uint32
	ReadRetry(start uint32) bool
}

// Pair has a writer change two words so many times, and a reader that wants to see them equal.
func Pair[L SeqLock](times int, lock func(*Kernel) L) func(*Kernel) {
	return func(k *Kernel) {
		l, x, y := lock(k), NewWord(k, "x", 0), NewWord(k, "y", 0)
		k.Go("writer", func() {
			for i := range times {
				l.Lock()
				WriteOnce(x, i+1)
				WriteOnce(y, i+1)
				l.Unlock()
			}
		})
		k.Go("reader", func() {
			for {
				start := l.ReadBegin()
				a, b := ReadOnce(x), ReadOnce(y)
				if !l.ReadRetry(start) {
					Assert(a == b, "x is %d, y is %d", a, b)
					return
				}
			}
		})
	}
}
