package retract6

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/retract-under-imap-read/buggy"
	"github.com/mmvet/mmvet/testdata/mm/retract-under-imap-read/buggy/freenow"
	"github.com/mmvet/mmvet/testdata/mm/retract-under-imap-read/buggy/noptl"
	"github.com/mmvet/mmvet/testdata/mm/retract-under-imap-read/fixed"
)

// A port is retract_page_tables.
type port = func(mapping *AddressSpace, pgoff uint64)

// newVma maps a huge page of a file, which is in the page cache, by an empty table of PTEs, and starts khugepaged.
func newVma(k *Kernel, retract port, flags VmFlagsT) *VmAreaStruct {
	k.Release("v6.6")
	mm, file := NewMm(k), NewFile(k)
	hpage := NewHugePage(k, file, 0)
	vma := MapFile(k, mm, file, 0, HpagePmdSize, 0, flags)
	TableAt(k, mm, 0)
	k.Go("khugepaged", func() {
		LockPage(hpage)
		retract(file.FMapping, 0)
		UnlockPage(hpage)
	})
	return vma
}

// truncate walks through the file's reverse map, too: both hold its lock for reading.
func truncate(k *Kernel, retract port) {
	vma := newVma(k, retract, VmRead|VmWrite|VmShared)
	k.Go("truncate", func() { actors.UnmapMappingPages(vma.VmFile.FMapping, 0, HpagePmdNr) })
}

// gup walks without a lock, with interrupts off.
func gup(k *Kernel, retract port) {
	vma := newVma(k, retract, VmRead|VmWrite|VmShared)
	k.Go("gup", func() { GetUserPagesFastOnly(vma.VmMm, 0) })
}

// uffd maps an anonymous page in the private mapping, and thereby gives it an anon_vma: the page must stay mapped.
func uffd(k *Kernel, retract port) {
	vma := newVma(k, retract, VmRead|VmWrite)
	anon := NewPage(k, nil, 1)
	k.Go("uffd", func() { actors.McopyAtomic(vma.VmMm, PageSize, anon) })
	k.Finally(func() {
		pmd := MmFindPmd(vma.VmMm, PageSize).Get()
		Assert(PageMapcount(anon) == 0 || !PmdNone(pmd), "the table that maps %v is gone", anon)
	})
}

// kvm mirrors the table.
func kvm(k *Kernel, retract port) {
	vma := newVma(k, retract, VmRead|VmWrite|VmShared)
	started, ended := NewWord(k, "started", 0), NewWord(k, "ended", 0)
	Subscribe(k, vma.VmMm, MmuNotifierOps{
		InvalidateRangeStart: func(*MmuNotifier, *MmuNotifierRange) int { started.Set(started.Get() + 1); return 0 },
		InvalidateRangeEnd:   func(*MmuNotifier, *MmuNotifierRange) { ended.Set(ended.Get() + 1) },
	})
	k.Finally(func() {
		Assert(started.Get() == 1 && ended.Get() == 1, "the secondary MMU is told %d and %d times", started.Get(), ended.Get())
		Assert(AtomicRead(&vma.VmMm.PgtablesBytes) == PageSize, "tables are miscounted")
		Assert(PmdNone(MmFindPmd(vma.VmMm, 0).Get()), "the table is still there")
	})
}

// retract starts khugepaged for the file.
func retract(k *Kernel, retract port, file *File, hpage *Page) {
	k.Go("khugepaged", func() {
		LockPage(hpage)
		retract(file.FMapping, 0)
		UnlockPage(hpage)
	})
}

// part: the VMA maps only a part of the huge page; the rest of the table is another one's.
func part(k *Kernel, port port) {
	k.Release("v6.6")
	mm, file := NewMm(k), NewFile(k)
	hpage := NewHugePage(k, file, 0)
	MapFile(k, mm, file, 0, PageSize, 0, VmRead|VmWrite|VmShared)
	MapNewPage(k, MapAnon(k, mm, PageSize, HpagePmdSize, VmRead|VmWrite), PageSize, PageRw)
	pmd := TableAt(k, mm, 0)
	retract(k, port, file, hpage)
	k.Finally(func() { Assert(!PmdNone(pmd.Get()), "the table that maps another VMA is gone") })
}

// noTable: there is nothing to take out.
func noTable(k *Kernel, port port) {
	k.Release("v6.6")
	mm, file := NewMm(k), NewFile(k)
	hpage := NewHugePage(k, file, 0)
	MapFile(k, mm, file, 0, HpagePmdSize, 0, VmRead|VmWrite|VmShared)
	PmdAt(k, mm, 0)
	retract(k, port, file, hpage)
	k.Finally(func() { Assert(AtomicRead(&mm.PgtablesBytes) == PageSize, "tables are miscounted") })
}

func TestStory(t *testing.T) {
	type variant = story.Variant[port]
	early := variant{Name: "freed at once", Port: freenow.RetractPageTables, Fails: explore.UseAfterFree}
	story.Test(t, buggy.RetractPageTables, fixed.RetractPageTables,
		story.Scenario[port]{Name: "retract+uffd", Setup: uffd, Fails: explore.Invariant,
			Variants: []variant{{Name: "no ptl", Port: noptl.RetractPageTables, Fails: explore.Invariant}}},
		story.Scenario[port]{Name: "retract+truncate", Setup: truncate, Variants: []variant{early}},
		story.Scenario[port]{Name: "retract+gup", Setup: gup, Variants: []variant{early}},
		story.Scenario[port]{Name: "retract+kvm", Setup: kvm},
		story.Scenario[port]{Name: "retract, part of the table", Setup: part},
		story.Scenario[port]{Name: "retract, no table", Setup: noTable},
	)
}
