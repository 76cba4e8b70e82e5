package kernelshim

import (
	"reflect"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// A Word is a shared memory word: an integer, a bool, a pointer to a kernel object, or a small comparable struct such as
// the value of a page-table entry. It is read and written as a whole.
type Word[T comparable] struct {
	cell[T]
	mayTear bool
}

// NewWord makes a word outside of any object, for litmus tests.
func NewWord[T comparable](k *Kernel, name string, init T) *Word[T] {
	if !k.m.InSetup() {
		misuse("NewWord in a task", "make words in the scenario's setup, or in objects by Alloc")
	}
	w := &Word[T]{}
	w.init = init
	w.Bind(k.m, nil, name)
	return w
}

// WordType implements machine.Worded.
func (w *Word[T]) WordType() reflect.Type { return reflect.TypeFor[T]() }

// Init sets the word's initial value, before New or Alloc bind it.
func (w *Word[T]) Init(v T) {
	if w.loc != nil {
		misuse("Init of "+w.String()+", which is shared already", "call Init in the function given to New or Alloc; later use Set")
	}
	w.init = v
}

// Get is a plain C read of the word.
func (w *Word[T]) Get() T {
	m := machine.Current("read")
	if m.InSetup() || w.loc == nil || !m.Options.TornLoads[w.loc.String()] {
		return w.load("read", memorder.Plain)
	}
	depend := m.Stated()
	depend()
	v, first := w.load("read", memorder.Plain), m.Carry()
	depend()
	mixed := torn(v, w.load("torn_read", memorder.Plain)) // the other part, of another time
	m.CarryAlso(first)
	if i := Choose(len(mixed) + 1); i > 0 {
		return mixed[i-1]
	}
	return v
}

// Set is a plain C write of the word.
func (w *Word[T]) Set(v T) {
	if m := machine.Current("write"); !m.InSetup() && w.loc != nil && (w.mayTear || m.Options.TornStores[w.loc.String()]) {
		depend := m.Stated()
		between := torn(w.load("read", memorder.Plain), v)
		i := Choose(len(between) + 1)
		if depend(); i > 0 {
			w.store("torn_write", memorder.Plain, between[i-1])
			depend()
		}
	}
	w.store("write", memorder.Plain, v)
}

// MayTear lets the compiler make two stores of a plain one: first some of what changes, then the rest. WRITE_ONCE remains one
// store. Only setup may call it. explore.WithTornAccesses does it to all words that tasks share, and
// tears loads, too.
func MayTear[T Integer](w *Word[T]) { w.mayTear = true }

// ReadOnce is READ_ONCE, include/asm-generic/rwonce.h.
func ReadOnce[T comparable](w *Word[T]) T { return w.load("READ_ONCE", memorder.Once) }

// WriteOnce is WRITE_ONCE, include/asm-generic/rwonce.h.
func WriteOnce[T comparable](w *Word[T], v T) { w.store("WRITE_ONCE", memorder.Once, v) }

// SmpLoadAcquire is smp_load_acquire, include/asm-generic/barrier.h.
func SmpLoadAcquire[T comparable](w *Word[T]) T { return w.load("smp_load_acquire", memorder.Acquire) }

// SmpStoreRelease is smp_store_release, include/asm-generic/barrier.h.
func SmpStoreRelease[T comparable](w *Word[T], v T) {
	w.store("smp_store_release", memorder.Release, v)
}

// SmpStoreMb is smp_store_mb, include/asm-generic/barrier.h: WRITE_ONCE and smp_mb.
func SmpStoreMb[T comparable](w *Word[T], v T) {
	WriteOnce(w, v)
	SmpMb()
}

// SmpCondLoadAcquire is smp_cond_load_acquire, include/asm-generic/barrier.h: waits until the word satisfies cond, which
// must be a pure function, and returns it. One step that is disabled meanwhile, not a spin.
func SmpCondLoadAcquire[T comparable](w *Word[T], cond func(T) bool) T {
	return w.await("smp_cond_load_acquire", memorder.Acquire, cond)
}

// SmpCondLoadRelaxed is smp_cond_load_relaxed, include/asm-generic/barrier.h.
func SmpCondLoadRelaxed[T comparable](w *Word[T], cond func(T) bool) T {
	return w.await("smp_cond_load_relaxed", memorder.Once, cond)
}

func (w *Word[T]) load(prim string, tag memorder.Tag) T {
	loc := w.at(prim)
	ret, ok := machine.Current(prim).Replayed(prim, tag, loc)
	if !ok {
		ret = do(prim, &machine.Op{Code: machine.Load, Tag: tag, Access: machine.Reads, Loc: loc})
	}
	v, _ := ret.(T)
	return v
}

func (w *Word[T]) store(prim string, tag memorder.Tag, v T) {
	do(prim, &machine.Op{Code: machine.Store, Tag: tag, Access: machine.Writes, Loc: w.at(prim), Arg: v})
}

func (w *Word[T]) await(prim string, tag memorder.Tag, cond func(T) bool) T {
	op := machine.Op{Code: machine.Await, Tag: tag, Access: machine.Reads}
	v, _ := w.update(prim, op, func(v T) result[T] { return result[T]{state: v, ret: v, blocked: !cond(v)} }).(T)
	return v
}

// rmw replaces the word's value v by f(v) in one step and returns v. arg is the operand, for traces.
func (w *Word[T]) rmw(prim string, tag memorder.Tag, arg any, f func(T) T) T {
	op := machine.Op{Code: machine.RMW, Tag: tag, Access: machine.Writes, Arg: arg}
	v, _ := w.update(prim, op, func(v T) result[T] { return result[T]{state: f(v), ret: v} }).(T)
	return v
}
