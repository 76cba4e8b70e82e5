package explore_test

import (
	"strings"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// flagsOf has a task set two flags at once under a lock, which who looks at them without the lock must see together.
func flagsOf(once bool) func(*Kernel) {
	return func(k *Kernel) {
		vma, mm := New[VmAreaStruct](k, "vma"), NewMm(k)
		k.Go("mlock", func() {
			MmapWriteLock(mm)
			if flags := vma.VmFlags.Get() | VmLocked | VmHugepage; once {
				WriteOnce(&vma.VmFlags, flags)
			} else {
				vma.VmFlags.Set(flags)
			}
			MmapWriteUnlock(mm)
		})
		k.Go("fault", func() {
			flags := ReadOnce(&vma.VmFlags)
			Assert(flags&VmLocked == 0 == (flags&VmHugepage == 0), "half of the flags")
		})
	}
}

// entryOf stores an entry, whose page and bits a 32-bit machine stores one after the other.
func entryOf(once bool) func(*Kernel) {
	return func(k *Kernel) {
		page := NewPage(k, nil, 0)
		entry := NewWord(k, "pte", PteT{})
		k.Go("map", func() {
			if pte := MkPte(page, PageRw); once {
				WriteOnce(entry, pte)
			} else {
				entry.Set(pte)
			}
		})
		k.Go("walk", func() {
			pte := ReadOnce(entry)
			Assert(!PteWrite(pte) || PtePresent(pte), "an entry that maps nothing for writing")
		})
	}
}

// wide stores a number of several bytes.
func wide(once bool) func(*Kernel) {
	return func(k *Kernel) {
		n := NewWord(k, "n", uint32(0x00ff))
		k.Go("writer", func() {
			if once {
				WriteOnce(n, 0xff00)
			} else {
				n.Set(0xff00)
			}
		})
		k.Go("reader", func() { Assert(ReadOnce(n) != 0xffff, "both halves") })
	}
}

// walkOf has a walker read an entry that is stored at once. On a 32-bit machine with wide entries a plain read may be two, and see one
// half of before and one of after: pmd_read_atomic, 26c191788f18 (v3.5).
func walkOf(once bool) func(*Kernel) {
	return func(k *Kernel) {
		page := NewPage(k, nil, 0)
		entry := NewWord(k, "pte", PteT{})
		k.Go("map", func() { WriteOnce(entry, MkPte(page, PageRw)) })
		k.Go("walk", func() {
			read := entry.Get
			if once {
				read = func() PteT { return ReadOnce(entry) }
			}
			pte := read()
			Assert(!PteWrite(pte) || PtePresent(pte), "an entry that maps nothing for writing")
		})
	}
}

// TestTornAccesses: a plain access of several bits may be two, a marked one is not.
func TestTornAccesses(t *testing.T) {
	for _, test := range []struct {
		name     string
		scenario func(once bool) func(*Kernel)
		engine   string
	}{
		{"flags", flagsOf, ", with torn stores to 1 word"},
		{"entry", entryOf, ", with torn stores to 1 word"},
		{"bytes", wide, ", with torn stores to 1 word"},
		{"walk", walkOf, ", with torn loads of 1 word"},
	} {
		t.Run(test.name, func(t *testing.T) {
			torn := explore.WithTornAccesses()
			explore.Check(t, test.scenario(false)) // as long as nothing is torn
			r := explore.Expect(t, explore.Invariant, test.scenario(false), torn)
			if !strings.HasSuffix(r.Engine, test.engine) {
				t.Errorf("engine %q", r.Engine)
			}
			again := explore.Replay(t.Name(), test.scenario(false), r.Failure.Replay) // the string says that it is torn
			if again.Failure == nil || again.Failure.Kind != explore.Invariant || again.Failure.Replay != r.Failure.Replay {
				t.Errorf("the replay of %s says %s", r.Failure.Replay, again.Summary())
			}
			fixed := explore.Check(t, test.scenario(true), torn)
			if !strings.HasSuffix(fixed.Engine, ", no plain access to tear") {
				t.Errorf("engine %q", fixed.Engine)
			}
		})
	}
}

// TestTornBoth: what is torn on both sides.
func TestTornBoth(t *testing.T) {
	scenario := func(k *Kernel) {
		n := NewWord(k, "n", uint32(0))
		k.Go("writer", func() { n.Set(3) })
		k.Go("reader", func() { Assert(n.Get() != 1, "half of it") })
	}
	r := explore.Expect(t, explore.Invariant, scenario, explore.WithTornAccesses())
	if !strings.HasSuffix(r.Engine, ", with torn stores to 1 word and torn loads of 1 word") {
		t.Errorf("engine %q", r.Engine)
	}
}

// TestTornUnderLock: what a lock keeps others from is whole.
func TestTornUnderLock(t *testing.T) {
	scenario := func(k *Kernel) {
		o := New[whole](k, "whole")
		for _, name := range []string{"a", "b"} {
			k.Go(name, func() {
				SpinLock(&o.Lock)
				v := o.N.Get()
				Assert(v == 0 || v == 0x1111, "half of it: %x", v)
				o.N.Set(0x1111 - v)
				SpinUnlock(&o.Lock)
			})
		}
	}
	for _, opts := range [][]explore.Option{nil, {weak}} {
		r := explore.Check(t, scenario, append(opts, explore.WithTornAccesses())...)
		if !strings.HasSuffix(r.Engine, ", with torn stores to 1 word and torn loads of 1 word") {
			t.Errorf("engine %q", r.Engine)
		}
	}
}

type whole struct {
	Object
	Lock Spinlock
	N    Word[int]
}

// TestTornPrivate: what nobody else uses is not torn, so that it costs nothing.
func TestTornPrivate(t *testing.T) {
	scenario := func(k *Kernel) {
		own, shared := NewWord(k, "own", 0), NewWord(k, "shared", 0)
		k.Go("writer", func() { own.Set(7); own.Set(0x7777); WriteOnce(shared, 3) })
		k.Go("reader", func() { ReadOnce(shared) })
	}
	plain, torn := explore.Check(t, scenario), explore.Check(t, scenario, explore.WithTornAccesses())
	if plain.Executions != torn.Executions {
		t.Errorf("%d executions, with torn stores %d", plain.Executions, torn.Executions)
	}
}
