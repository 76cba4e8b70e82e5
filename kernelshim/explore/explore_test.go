package explore_test

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// A table stands for a page table, with one entry and its lock.
type table struct {
	Object
	Ptl Spinlock
	Pte Word[int]
}

// An mmStruct stands for an mm whose page middle directory has one entry.
type mmStruct struct {
	Object
	MmapLock RwSemaphore
	Rmap     RwSemaphore
	Pmd      Word[*table]
}

// retract is the bug of seed 2 in small: a walker under the rmap lock uses a table that another task frees under the
// mmap lock only. locked adds the rmap lock, the fix.
func retract(locked bool) func(*Kernel) {
	return func(k *Kernel) {
		mm := New[mmStruct](k, "mm")
		tab := New[table](k, "table")
		mm.Pmd.Set(tab)
		k.Go("khugepaged", func() {
			DownWrite(&mm.MmapLock)
			if locked {
				DownWrite(&mm.Rmap)
			}
			if p := Xchg(&mm.Pmd, nil); p != nil {
				Kfree(p)
			}
			if locked {
				UpWrite(&mm.Rmap)
			}
			UpWrite(&mm.MmapLock)
		})
		k.Go("truncate", func() {
			DownRead(&mm.Rmap)
			if p := ReadOnce(&mm.Pmd); p != nil {
				SpinLock(&p.Ptl)
				p.Pte.Set(1)
				SpinUnlock(&p.Ptl)
			}
			UpRead(&mm.Rmap)
		})
	}
}

func TestRetract(t *testing.T) {
	t.Run("buggy", func(t *testing.T) {
		explore.Expect(t, explore.UseAfterFree, retract(false), explore.Golden("testdata/retract.golden"))
	})
	t.Run("fixed", func(t *testing.T) {
		r := explore.Check(t, retract(true))
		if r.Executions != 2 {
			t.Errorf("%d executions, want 2: two critical sections", r.Executions)
		}
	})
}
