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

// TestTornStores: a plain store of several bits may be two, a marked one is not.
func TestTornStores(t *testing.T) {
	for name, scenario := range map[string]func(bool) func(*Kernel){"flags": flagsOf, "entry": entryOf, "bytes": wide} {
		t.Run(name, func(t *testing.T) {
			explore.Check(t, scenario(false)) // as long as nothing is torn
			r := explore.Expect(t, explore.Invariant, scenario(false), explore.WithTornStores())
			if !strings.HasSuffix(r.Engine, ", with torn stores to 1 word") {
				t.Errorf("engine %q", r.Engine)
			}
			again := explore.Replay(t.Name(), scenario(false), r.Failure.Replay, explore.WithTornStores())
			if again.Failure == nil || again.Failure.Kind != explore.Invariant {
				t.Errorf("the replay says %s", again.Summary())
			}
			fixed := explore.Check(t, scenario(true), explore.WithTornStores())
			if !strings.HasSuffix(fixed.Engine, ", no plain store to tear") {
				t.Errorf("engine %q", fixed.Engine)
			}
		})
	}
}

// TestTornPrivate: what nobody else uses is not torn, so that it costs nothing.
func TestTornPrivate(t *testing.T) {
	scenario := func(k *Kernel) {
		own, shared := NewWord(k, "own", 0), NewWord(k, "shared", 0)
		k.Go("writer", func() { own.Set(7); own.Set(0x7777); WriteOnce(shared, 3) })
		k.Go("reader", func() { ReadOnce(shared) })
	}
	plain, torn := explore.Check(t, scenario), explore.Check(t, scenario, explore.WithTornStores())
	if plain.Executions != torn.Executions {
		t.Errorf("%d executions, with torn stores %d", plain.Executions, torn.Executions)
	}
}
