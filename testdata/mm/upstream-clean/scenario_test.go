package clean

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/upstream-clean/fixed"
)

// A port is the functions under test.
type port struct {
	collapse func(vma *VmAreaStruct, address uint64, isolate func(PgtableT) bool)
	read     func(mm *MmStruct, address uint64) uint64
}

// newVma maps an anonymous page.
func newVma(k *Kernel) (*VmAreaStruct, *Page) {
	k.Release("v6.1")
	vma := MapAnon(k, NewMm(k), 0, HpagePmdSize, VmRead|VmWrite)
	return vma, MapNewPage(k, vma, 0, PageRw|PageAccessed)
}

// collapse: khugepaged takes the table out and puts it back, or frees it, while reclaim and GUP-fast look at it.
func collapse(with func(*Kernel, *VmAreaStruct, *Page)) func(*Kernel, port) {
	return func(k *Kernel, p port) {
		vma, page := newVma(k)
		tables := NewWord(k, "tables", 1)
		k.Go("khugepaged", func() {
			p.collapse(vma, 0, func(PgtableT) bool {
				freed := Choose(2) == 1
				if freed {
					tables.Set(0)
				}
				return freed
			})
		})
		with(k, vma, page)
		k.Finally(func() {
			Assert(PmdNone(MmFindPmd(vma.VmMm, 0).Get()) == (tables.Get() == 0), "the table is lost, or is still there")
			Assert(AtomicRead(&vma.VmMm.PgtablesBytes) == int64(1+tables.Get())*PageSize, "tables are miscounted")
		})
	}
}

func TestStory(t *testing.T) {
	story.Clean(t, port{fixed.CollapseOrRestore, fixed.ReadUnderDowngraded},
		story.Scenario[port]{Name: "collapse+reclaim", Setup: collapse(func(k *Kernel, _ *VmAreaStruct, page *Page) {
			k.Go("reclaim", func() { actors.ShrinkFolio(page.Folio) })
		})},
		story.Scenario[port]{Name: "collapse+gup", Setup: collapse(func(k *Kernel, vma *VmAreaStruct, _ *Page) {
			k.Go("gup", func() {
				if page := GetUserPagesFastOnly(vma.VmMm, 0); page != nil {
					PutPage(page)
				}
			})
		})},
		story.Scenario[port]{Name: "downgrade", Setup: func(k *Kernel, p port) {
			vma, _ := newVma(k)
			k.Go("read", func() { p.read(vma.VmMm, 0) })
			k.Go("read2", func() { p.read(vma.VmMm, 0) })
			k.Finally(func() { Assert(!RwsemIsLocked(&vma.VmMm.MmapLock), "mmap_lock is still held") })
		}},
	)
}
