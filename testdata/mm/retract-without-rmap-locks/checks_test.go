package retract

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	. "github.com/mmvet/mmvet/testdata/mm/internal/khugepaged"

	exit "github.com/mmvet/mmvet/testdata/mm/exit-mmap-in-two-steps/fixed"
)

// What khugepaged has to leave alone, and what it must not, without anybody who runs against it.

// keeps says that khugepaged fails, by collapse_pte_mapped_thp, and leaves the table where it is.
func keeps(build func(*Kernel, port) *world) func(*Kernel, port) {
	return func(k *Kernel, p port) {
		w := build(k, p)
		k.Go("khugepaged", func() {
			MmapWriteLock(w.mm)
			Assert(p.collapse(w.mm, 0, false) != ScanSucceed, "it collapses what it must not")
			MmapWriteUnlock(w.mm)
		})
		k.Finally(func() { Assert(!PmdNone(w.pmd.Get()), "the table is gone") })
	}
}

// noHugePages: the program does not want huge pages here.
func noHugePages(k *Kernel, p port) *world {
	return newWorld(k, p, VmRead|VmWrite|VmShared|VmNohugepage, true)
}

// smallPage: the page cache has a small page, not a huge one.
func smallPage(k *Kernel, p port) *world {
	k.Release(p.release)
	w := &world{mm: NewMm(k), file: NewFile(k)}
	w.vma = MapFile(k, w.mm, w.file, 0, HpagePmdSize, 0, VmRead|VmWrite|VmShared)
	Populate(k, w.vma, 0, NewPage(k, w.file, 0), PageRw)
	w.pmd = TableAt(k, w.mm, 0)
	return w
}

// noPage: the page cache has no page any more.
func noPage(k *Kernel, p port) *world {
	k.Release(p.release)
	w := &world{mm: NewMm(k), file: NewFile(k)}
	w.vma = MapFile(k, w.mm, w.file, 0, HpagePmdSize, 0, VmRead|VmWrite|VmShared)
	w.pmd = TableAt(k, w.mm, 0)
	return w
}

// copiedPage: the table maps a copy that the program has written to, beside a page of the file.
func copiedPage(k *Kernel, p port) *world {
	w := newWorld(k, p, VmRead|VmWrite, true)
	MapNewPage(k, w.vma, PageSize, PageRw)
	return w
}

// retractAlone: the table goes.
func retractAlone(k *Kernel, p port) {
	w := newWorld(k, p, VmRead|VmWrite|VmShared, false)
	w.goRetract(k, p)
	k.Finally(w.accounted(1))
}

// retractPart: the VMA maps only a part of the huge page; the rest of the table is another one's.
func retractPart(k *Kernel, p port) {
	k.Release(p.release)
	w := &world{mm: NewMm(k), file: NewFile(k)}
	w.hpage = NewHugePage(k, w.file, 0)
	w.vma = MapFile(k, w.mm, w.file, 0, PageSize, 0, VmRead|VmWrite|VmShared)
	MapNewPage(k, MapAnon(k, w.mm, PageSize, HpagePmdSize, VmRead|VmWrite), PageSize, PageRw)
	w.pmd = TableAt(k, w.mm, 0)
	w.goRetract(k, p)
	k.Finally(func() { Assert(!PmdNone(w.pmd.Get()), "the table that maps another VMA is gone") })
}

// retractNothing: there is no table.
func retractNothing(k *Kernel, p port) {
	k.Release(p.release)
	w := &world{mm: NewMm(k), file: NewFile(k)}
	w.hpage = NewHugePage(k, w.file, 0)
	w.vma = MapFile(k, w.mm, w.file, 0, HpagePmdSize, 0, VmRead|VmWrite|VmShared)
	w.pmd = PmdAt(k, w.mm, 0)
	w.goRetract(k, p)
	k.Finally(w.accounted(1))
}

// retractMarkers: the table may have markers of userfaultfd.
func retractMarkers(k *Kernel, p port) {
	w := newWorld(k, p, VmRead|VmWrite|VmShared|VmUffdWp, false)
	w.goRetract(k, p)
	k.Finally(func() { Assert(!PmdNone(w.pmd.Get()), "the markers are gone, and the table") })
}

// retractAndExit: the process exits meanwhile, which frees the table, too.
func retractAndExit(k *Kernel, p port) {
	w := newWorld(k, p, VmRead|VmWrite|VmShared, false)
	task := NewTask(k, w.mm)
	Mmgrab(w.mm) // khugepaged's: __khugepaged_enter
	w.goRetract(k, p)
	k.Go("exit", func() { actors.ExitMm(task, exit.ExitMmap) })
	k.Finally(w.accounted(1))
}
