package collapse

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/collapse-against-pt-reclaim/buggy"
	"github.com/mmvet/mmvet/testdata/mm/collapse-against-pt-reclaim/fixed"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	. "github.com/mmvet/mmvet/testdata/mm/internal/khugepaged"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
)

// A port is collapse_huge_page.
type port = func(mm *MmStruct, address uint64, pmd *Word[PmdT], hpage *Page) int

// newVma has khugepaged collapse anonymous memory, of which so many pages are mapped, and then, perhaps, somebody else give the
// huge page back.
func newVma(k *Kernel, collapse port, mapped int, then func(*VmAreaStruct)) *VmAreaStruct {
	k.Release("v6.17")
	vma := MapAnon(k, NewMm(k), 0, HpagePmdSize, VmRead|VmWrite)
	LockableVma(k, vma)
	for i := range mapped {
		MapNewPage(k, vma, uint64(i)*PageSize, PageRw)
	}
	mm, pmd, hpage, copied := vma.VmMm, MmFindPmd(vma.VmMm, 0), NewHugePage(k, nil, 0), NewWord(k, "copied", false)
	before := pmd.Get()
	GetPage(hpage) // GUP-fast may look at what is free, which counts as an error here
	k.Go("khugepaged", func() {
		if collapse(mm, 0, pmd, hpage) != ScanSucceed {
			return
		}
		copied.Set(true)
		then(vma)
	})
	k.Finally(func() {
		entry, tables := pmd.Get(), AtomicRead(&mm.PgtablesBytes)/PageSize-1
		Assert(tables == 1 == !PmdNone(entry), "tables are miscounted: %d, and the entry is %v", tables, entry)
		Assert(!PmdLeaf(entry) || PteNone(PteOf(before, 0).Get()), "the small pages are still mapped")
		Assert(!copied.Get() || AtomicRead(&mm.RssStat[MmAnonpages]) == int64(0) == PmdNone(entry), "pages are miscounted")
	})
	return vma
}

func nothing(*VmAreaStruct) {}

// dontneed: a thread gives all of it back.
func dontneed(mapped int) func(*Kernel, port) {
	return func(k *Kernel, collapse port) {
		vma := newVma(k, collapse, mapped, nothing)
		k.Go("madvise", func() { actors.MadviseDontneed(vma.VmMm, 0, HpagePmdSize) })
	}
}

// gup: GUP-fast is inside, and the huge page is given back at once, and the table with it.
func gup(k *Kernel, collapse port) {
	vma := newVma(k, collapse, HpagePmdNr, func(vma *VmAreaStruct) { actors.MadviseDontneed(vma.VmMm, 0, HpagePmdSize) })
	k.Go("gup", func() {
		if page := GetUserPagesFastOnly(vma.VmMm, 0); page != nil {
			PutPage(page)
		}
	})
}

// munmap: there is no VMA any more when khugepaged has mmap_lock.
func munmap(k *Kernel, collapse port) {
	vma := newVma(k, collapse, 1, nothing)
	k.Go("munmap", func() { actors.DoMunmap(vma.VmMm, 0) })
}

func TestStory(t *testing.T) {
	story.Test(t, buggy.CollapseHugePage, fixed.CollapseHugePage,
		story.Scenario[port]{Name: "collapse+dontneed", Setup: dontneed(1), Fails: explore.Oops},
		story.Scenario[port]{Name: "collapse full+dontneed", Setup: dontneed(HpagePmdNr), Fails: explore.Oops},
		story.Scenario[port]{Name: "collapse+gup", Setup: gup},
		story.Scenario[port]{Name: "collapse+munmap", Setup: munmap},
	)
}
