package retract

import (
	"flag"
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	. "github.com/mmvet/mmvet/testdata/mm/internal/khugepaged"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/retract-without-rmap-locks/buggy"
	"github.com/mmvet/mmvet/testdata/mm/retract-without-rmap-locks/fixed"
)

// A port is one version of the functions under test.
type port struct {
	release  string
	collapse func(mm *MmStruct, addr uint64, installPmd bool) int
	retract  func(mapping *AddressSpace, pgoff uint64, mm *MmStruct, addr uint64, hpage *Page, cc *CollapseControl) int
}

var (
	before = port{"v6.0", buggy.CollapsePteMappedThp, buggy.RetractPageTables}
	after  = port{"v6.1.11", fixed.CollapsePteMappedThp, fixed.RetractPageTables}
)

// A world is an mm that maps a huge page of a file, which is in the page cache, by a table of PTEs.
type world struct {
	mm    *MmStruct
	file  *File
	vma   *VmAreaStruct
	hpage *Page
	pmd   *Word[PmdT]
}

// newWorld maps the huge page; its first PTE maps it if mapped.
func newWorld(k *Kernel, p port, flags VmFlagsT, mapped bool) *world {
	k.Release(p.release)
	w := &world{mm: NewMm(k), file: NewFile(k)}
	w.hpage = NewHugePage(k, w.file, 0)
	w.vma = MapFile(k, w.mm, w.file, 0, HpagePmdSize, 0, flags)
	w.pmd = TableAt(k, w.mm, 0)
	if mapped {
		Populate(k, w.vma, 0, w.hpage, PageRw|PageAccessed)
	}
	return w
}

// goCollapse starts khugepaged_collapse_pte_mapped_thps for one address.
func (w *world) goCollapse(k *Kernel, p port) {
	k.Go("khugepaged", func() {
		MmapWriteLock(w.mm)
		p.collapse(w.mm, 0, false)
		MmapWriteUnlock(w.mm)
	})
}

// goRetract starts the end of collapse_file, where the huge page is locked and in the page cache, but not mapped.
func (w *world) goRetract(k *Kernel, p port) {
	k.Go("khugepaged", func() {
		LockPage(w.hpage)
		p.retract(w.file.FMapping, 0, w.mm, 0, w.hpage, &CollapseControl{IsKhugepaged: true})
		UnlockPage(w.hpage)
	})
}

// accounted is the invariant of the final states of collapse: the table is gone, and with it all that it counted for.
func (w *world) accounted(tables int64) func() {
	return func() {
		Assert(PmdNone(w.pmd.Get()), "the table is still there")
		Assert(PageMapcount(w.hpage) == 0, "mapcount is %d", PageMapcount(w.hpage))
		Assert(AtomicRead(&w.hpage.Folio.Refcount) == HpagePmdNr, "refcount is %d", AtomicRead(&w.hpage.Folio.Refcount))
		Assert(AtomicRead(&w.mm.RssStat[MmFilepages]) == 0, "the resident set is %d", AtomicRead(&w.mm.RssStat[MmFilepages]))
		Assert(AtomicRead(&w.mm.PgtablesBytes) == tables*PageSize, "tables are miscounted")
	}
}

// collapseAndTruncate: the walker comes through the file's reverse map. It truncates what the table does not map.
func collapseAndTruncate(k *Kernel, p port) {
	w := newWorld(k, p, VmRead|VmWrite|VmShared, true)
	w.goCollapse(k, p)
	k.Go("truncate", func() { actors.UnmapMappingPages(w.file.FMapping, 1, 1) })
	k.Finally(w.accounted(1))
}

// collapseAndZap: the same walker truncates what the table maps, after khugepaged has seen to it and before it takes the
// table out.
func collapseAndZap(k *Kernel, p port) {
	w := newWorld(k, p, VmRead|VmWrite|VmShared, true)
	w.goCollapse(k, p)
	k.Go("truncate", func() { actors.UnmapMappingPages(w.file.FMapping, 0, 1) })
	k.Finally(w.accounted(1))
}

// collapseAndReclaim: the walker comes through the anonymous reverse map, for a page that a forked child still maps and
// the parent does not.
func collapseAndReclaim(k *Kernel, p port) {
	w := newWorld(k, p, VmRead|VmWrite, true)
	anon := NewPage(k, nil, 1)
	PrepareAnon(k, w.vma)
	anon.Folio.AnonVma.Set(w.vma.AnonVma.Get())
	child := Fork(k, w.vma, NewMm(k))
	Populate(k, child, PageSize, anon, PageAccessed)
	w.goCollapse(k, p)
	k.Go("reclaim", func() { Assert(actors.ShrinkFolio(anon.Folio) == 1, "the child's use is not seen") })
	k.Finally(w.accounted(1))
}

// collapseAndGup: the walker takes no lock; it has interrupts off.
func collapseAndGup(k *Kernel, p port) {
	w := newWorld(k, p, VmRead|VmWrite|VmShared, true)
	w.goCollapse(k, p)
	goGup(k, w)
	k.Finally(w.accounted(1))
}

// collapseAndKvm: a secondary MMU mirrors the page tables, and must not outlive them.
func collapseAndKvm(k *Kernel, p port) {
	w := newWorld(k, p, VmRead|VmWrite|VmShared, true)
	kvm := actors.NewKvm(k, w.mm, 0)
	w.goCollapse(k, p)
	k.Go("kvm", func() { actors.DirectPageFault(kvm) })
	k.Finally(func() {
		Assert(kvm.Spte.Get() == nil || PmdPresent(w.pmd.Get()), "the guest maps %v, the host does not", kvm.Spte.Get())
	})
}

// retractAndTruncate: retract_page_tables always had the file's reverse map locked.
func retractAndTruncate(k *Kernel, p port) {
	w := newWorld(k, p, VmRead|VmWrite|VmShared, false)
	w.goRetract(k, p)
	k.Go("truncate", func() { actors.UnmapMappingPages(w.file.FMapping, 0, HpagePmdNr) })
}

// retractAndGup: it did not stop GUP-fast.
func retractAndGup(k *Kernel, p port) {
	w := newWorld(k, p, VmRead|VmWrite|VmShared, false)
	w.goRetract(k, p)
	goGup(k, w)
}

// retractAndReclaim: an anonymous page, and with it an anon_vma, appears between the check and the mmap lock.
func retractAndReclaim(k *Kernel, p port) {
	w := newWorld(k, p, VmRead|VmWrite, false)
	anon := NewPage(k, nil, 1)
	w.goRetract(k, p)
	k.Go("reclaim", func() {
		actors.McopyAtomic(w.mm, PageSize, anon)
		actors.ShrinkFolio(anon.Folio)
	})
}

func goGup(k *Kernel, w *world) {
	k.Go("gup", func() {
		if page := GetUserPagesFastOnly(w.mm, 0); page != nil {
			Assert(page == w.hpage, "GUP-fast returns %v", page)
			PutPage(page)
		}
	})
}

var unruled = flag.Bool("unruled", false, "explore package fixed without lock rules")

func rules() []explore.Option {
	if *unruled {
		return []explore.Option{explore.WithoutLockRules()}
	}
	return nil
}

func TestStory(t *testing.T) {
	opts := rules()
	type scenario = story.Scenario[port]
	story.Test(t, before, after,
		scenario{Name: "collapse+truncate", Setup: collapseAndTruncate, Fails: explore.UseAfterFree, Golden: "trace.golden", Options: opts},
		scenario{Name: "collapse+zap", Setup: collapseAndZap, Fails: explore.Bug, Golden: "zap.golden", Options: opts},
		scenario{Name: "collapse+reclaim", Setup: collapseAndReclaim, Fails: explore.UseAfterFree, Golden: "reclaim.golden", Options: opts},
		scenario{Name: "collapse+gup", Setup: collapseAndGup, Fails: explore.UseAfterFree, Golden: "gup.golden", Options: opts},
		scenario{Name: "collapse+kvm", Setup: collapseAndKvm, Fails: explore.Invariant, Golden: "kvm.golden", Options: opts},
		scenario{Name: "retract+truncate", Setup: retractAndTruncate, Options: opts},
		scenario{Name: "retract+gup", Setup: retractAndGup, Fails: explore.UseAfterFree, Options: opts},
		scenario{Name: "retract+reclaim", Setup: retractAndReclaim, Fails: explore.UseAfterFree, Options: opts},
		scenario{Name: "retract+exit", Setup: retractAndExit, Options: opts},
		scenario{Name: "retract", Setup: retractAlone, Options: opts},
		scenario{Name: "retract, part of the table", Setup: retractPart, Options: opts},
		scenario{Name: "retract, no table", Setup: retractNothing, Options: opts},
		scenario{Name: "retract, markers", Setup: retractMarkers, Options: opts},
		scenario{Name: "collapse, no huge pages", Setup: keeps(noHugePages), Options: opts},
		scenario{Name: "collapse, small page", Setup: keeps(smallPage), Options: opts},
		scenario{Name: "collapse, no page", Setup: keeps(noPage), Options: opts},
		scenario{Name: "collapse, copied page", Setup: keeps(copiedPage), Options: opts},
	)
}
