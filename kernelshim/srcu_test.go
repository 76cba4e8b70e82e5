package kernelshim_test

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// A library has readers of two kinds.
type library struct {
	Object
	Srcu, Other SrcuStruct
	Old, New    Word[int]
}

// srcu fails if a reader sees what came after the grace period and then misses what came before it.
func srcu(wait func(*library), read func(l *library, inside func())) func(*Kernel) {
	return func(k *Kernel) {
		l := New[library](k, "library")
		k.Go("updater", func() {
			WriteOnce(&l.Old, 1)
			wait(l)
			WriteOnce(&l.New, 1)
		})
		k.Go("reader", func() {
			read(l, func() {
				old := ReadOnce(&l.Old)
				Assert(ReadOnce(&l.New) == 0 || old == 1, "the grace period did not wait")
			})
		})
	}
}

// TestSrcu: a grace period waits for the sections of its domain, nested ones included, and for no others.
func TestSrcu(t *testing.T) {
	synchronize := func(l *library) { SynchronizeSrcu(&l.Srcu) }
	section := func(l *library, inside func()) {
		idx := SrcuReadLock(&l.Srcu)
		inside()
		SrcuReadUnlock(&l.Srcu, idx)
	}
	for name, test := range map[string]struct {
		wait func(*library)
		read func(*library, func())
		safe bool
	}{
		"section": {synchronize, section, true},
		"nested": {synchronize, func(l *library, inside func()) {
			section(l, func() { section(l, func() {}); inside() })
		}, true},
		"overlapping": {synchronize, func(l *library, inside func()) {
			a := SrcuReadLock(&l.Srcu)
			b := SrcuReadLock(&l.Srcu)
			SrcuReadUnlock(&l.Srcu, a)
			inside()
			SrcuReadUnlock(&l.Srcu, b)
		}, true},
		"other domain": {func(l *library) { SynchronizeSrcu(&l.Other) }, section, false},
		"no section":   {synchronize, func(_ *library, inside func()) { inside() }, false},
		"rcu":          {synchronize, func(_ *library, inside func()) { RcuReadLock(); inside(); RcuReadUnlock() }, false},
	} {
		for _, model := range []explore.MemoryModel{explore.SC, explore.LKMM} {
			t.Run(name, func(t *testing.T) {
				if test.safe {
					explore.Check(t, srcu(test.wait, test.read), explore.WithMemoryModel(model))
				} else {
					explore.Expect(t, explore.Invariant, srcu(test.wait, test.read), explore.WithMemoryModel(model))
				}
			})
		}
	}
}

// TestSrcuMisuse: who waits for a section of its own, closes what is not open, or leaves a section open.
func TestSrcuMisuse(t *testing.T) {
	for name, test := range map[string]struct {
		kind explore.Kind
		task func(*library)
	}{
		"own section": {explore.Deadlock, func(l *library) { SrcuReadLock(&l.Srcu); SynchronizeSrcu(&l.Srcu) }},
		"not open":    {explore.BadUnlock, func(l *library) { SrcuReadUnlock(&l.Srcu, 0) }},
		"closed twice": {explore.BadUnlock, func(l *library) {
			idx := SrcuReadLock(&l.Srcu)
			SrcuReadUnlock(&l.Srcu, idx)
			SrcuReadUnlock(&l.Srcu, idx)
		}},
		"left open": {explore.LeakedLock, func(l *library) { SrcuReadLock(&l.Srcu) }},
	} {
		t.Run(name, func(t *testing.T) {
			explore.Expect(t, test.kind, func(k *Kernel) {
				l := New[library](k, "library")
				k.Go("task", func() { test.task(l) })
			}, ruleless)
		})
	}
}
