package clean

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	. "github.com/mmvet/mmvet/testdata/mm/internal/khugepaged"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/upstream-clean/fixed"
)

// A port is the functions under test.
type port struct {
	collapse func(vma *VmAreaStruct, address uint64, isolate func(PgtableT) bool)
	read     func(mm *MmStruct, address uint64) uint64
	swapin   func(mm *MmStruct, address uint64, referenced, unmapped int, cc *CollapseControl) int
	movePtes func(vma *VmAreaStruct, oldPmd *Word[PmdT], oldAddr, oldEnd uint64, newVma *VmAreaStruct, newPmd *Word[PmdT], newAddr uint64, needRmapLocks bool)
	copyVma  func(vma *VmAreaStruct, addr, len uint64)
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

// swapin: khugepaged gives mmap_lock back once, whether all pages are there or not.
func swapin(mapped, want int) func(*Kernel, port) {
	return func(k *Kernel, p port) {
		k.Release("v6.1")
		vma := MapAnon(k, NewMm(k), 0, HpagePmdSize, VmRead|VmWrite)
		for i := range min(mapped, HpagePmdNr) {
			MapNewPage(k, vma, uint64(i)*PageSize, PageRw)
		}
		mm := vma.VmMm
		result := NewWord(k, "result", ScanSucceed)
		k.Go("khugepaged", func() {
			MmapReadLock(mm)
			result.Set(p.swapin(mm, 0, 0, 1, &CollapseControl{}))
		})
		k.Go("munmap", func() {
			if mapped > 2 {
				actors.DoMunmap(mm, 0)
			}
		})
		k.Finally(func() {
			Assert(!RwsemIsLocked(&mm.MmapLock), "mmap_lock is still held")
			Assert(mapped > 2 || result.Get() == want, "the result is %d, not %d", result.Get(), want)
		})
	}
}

// move: mremap moves a page to a VMA that reclaim comes to before: so it takes the locks of the reverse map.
func move(k *Kernel, p port) {
	k.Release("v6.1")
	newVma := MapAnon(k, NewMm(k), 0, HpagePmdSize, VmRead|VmWrite)
	PrepareAnon(k, newVma)
	oldAddr := uint64(HpagePmdSize)
	vma := MapAlso(k, newVma, oldAddr)
	mm := vma.VmMm
	page := MapNewPage(k, vma, oldAddr, PageRw|PageAccessed)
	page.Folio.Index = LinearPageIndex(vma, oldAddr)
	oldPmd, newPmd := TableAt(k, mm, oldAddr), TableAt(k, mm, 0)
	k.Go("mremap", func() {
		MmapWriteLock(mm)
		p.movePtes(vma, oldPmd, oldAddr, oldAddr+HpagePmdSize, newVma, newPmd, 0, true)
		MmapWriteUnlock(mm)
	})
	k.Go("reclaim", func() { Assert(actors.ShrinkFolio(page.Folio) == 1, "the page is mapped, and reclaim does not see it") })
	k.Finally(func() {
		Assert(PteOf(newPmd.Get(), 0).Get().Page == page, "the page is not at its new address")
		Assert(PteNone(PteOf(oldPmd.Get(), oldAddr).Get()), "the page is still at its old address")
	})
}

// moveOn: mremap moves a page of a file to a VMA that truncation comes to later: it does without those locks. A user still has the
// translation of the old address.
func moveOn(with func(*Kernel, *MmStruct, *Page)) func(*Kernel, port) {
	return func(k *Kernel, p port) {
		k.Release("v6.1")
		const from, to = 0, PmdSize
		mm, file := NewMm(k), NewFile(k)
		CacheTranslations(k, mm, from, to)
		page := NewPage(k, file, 0)
		vma := MapFile(k, mm, file, from, from+PageSize, 0, VmRead|VmWrite|VmShared)
		newVma := MapFile(k, mm, file, to, to+PageSize, 0, VmRead|VmWrite|VmShared)
		Populate(k, vma, from, page, 0)
		oldPmd, newPmd := TableAt(k, mm, from), TableAt(k, mm, to)
		k.Go("user", func() { UserRead(mm, from) })
		k.Go("mremap", func() {
			MmapWriteLock(mm)
			p.movePtes(vma, oldPmd, from, from+PageSize, newVma, newPmd, to, false)
			MmapWriteUnlock(mm)
		})
		with(k, mm, page)
	}
}

// truncate must find the page, wherever it is.
func truncate(k *Kernel, mm *MmStruct, page *Page) {
	k.Go("truncate", func() {
		mapping := page.Folio.Mapping
		actors.UnmapMappingPages(mapping, 0, 1)
		WriteOnce(&mapping.IPages[0], nil) // truncate_inode_pages: it leaves the page cache
		PutPage(page)
	})
	k.Finally(func() { Assert(AtomicRead(&mm.RssStat[MmFilepages]) == 0, "the page was lost on the way") })
}

// reclaimFile does not wait where the page is not mapped any more: it goes on to the new address, and flushes only that.
func reclaimFile(k *Kernel, _ *MmStruct, page *Page) {
	k.Go("reclaim", func() { actors.ReclaimFile(page) })
}

// noVma: the VMA is gone when khugepaged has its lock again, and the table is there still, for its neighbour.
func noVma(k *Kernel, p port) {
	k.Release("v6.1")
	mm := MapAnon(k, NewMm(k), PageSize, HpagePmdSize, VmRead|VmWrite).VmMm
	TableAt(k, mm, 0)
	k.Go("khugepaged", func() {
		MmapReadLock(mm)
		Assert(p.swapin(mm, 0, 0, 1, &CollapseControl{}) == ScanVmaCheck, "it goes on without a VMA")
	})
}

// publish: a VMA is complete when others find it.
func publish(k *Kernel, p port) {
	k.Release("v6.1")
	vma := MapAnon(k, NewMm(k), 0, HpagePmdSize, VmRead|VmWrite|VmLocked)
	at := uint64(2 * HpagePmdSize)
	k.Go("mremap", func() { p.copyVma(vma, at, HpagePmdSize) })
	k.Go("fault", func() {
		MmapReadLock(vma.VmMm)
		if found := VmaLookup(vma.VmMm, at); found != nil {
			Assert(found.VmStart.Get() == at && found.VmEnd.Get() == at+HpagePmdSize, "the VMA has another range")
			Assert(found.VmPgoff.Get() == at>>PageShift && found.VmFlags.Get()&VmLocked == 0, "the VMA is not complete")
		}
		MmapReadUnlock(vma.VmMm)
	})
	k.Finally(func() {
		Assert(vma.VmMm.MmMt.Get().At(at) != nil, "the VMA is not there")
		Assert(!RwsemIsLocked(&vma.VmMm.MmapLock), "mmap_lock is still held")
	})
}

func TestStory(t *testing.T) {
	story.Clean(t, port{fixed.CollapseOrRestore, fixed.ReadUnderDowngraded, fixed.CollapseHugePage, fixed.MovePtes, fixed.CopyVma},
		story.Scenario[port]{Name: "swapin, no table", Setup: swapin(0, ScanPmdNull)},
		story.Scenario[port]{Name: "swapin fails", Setup: swapin(1, ScanFail)},
		story.Scenario[port]{Name: "swapin", Setup: swapin(HpagePmdNr, ScanSucceed)},
		story.Scenario[port]{Name: "swapin+munmap", Setup: swapin(HpagePmdNr+1, 0)},
		story.Scenario[port]{Name: "move+reclaim", Setup: move},
		story.Scenario[port]{Name: "move on+truncate", Setup: moveOn(truncate)},
		story.Scenario[port]{Name: "move on+reclaim", Setup: moveOn(reclaimFile)},
		story.Scenario[port]{Name: "swapin, no VMA", Setup: noVma},
		story.Scenario[port]{Name: "publish", Setup: publish},
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
		story.Scenario[port]{Name: "nothing there", Setup: func(k *Kernel, p port) {
			k.Release("v6.1")
			vma := MapAnon(k, NewMm(k), 0, HpagePmdSize, VmRead|VmWrite)
			PrepareAnon(k, vma)
			k.Go("khugepaged", func() { p.collapse(vma, 0, func(PgtableT) bool { return true }) })
			k.Go("read", func() { Assert(p.read(vma.VmMm, HpagePmdSize) == 0, "there is a VMA") })
			k.Finally(func() { Assert(!RwsemIsLocked(&vma.VmMm.MmapLock), "mmap_lock is still held") })
		}},
		story.Scenario[port]{Name: "downgrade", Setup: func(k *Kernel, p port) {
			vma, _ := newVma(k)
			k.Go("read", func() { p.read(vma.VmMm, 0) })
			k.Go("read2", func() { p.read(vma.VmMm, 0) })
			k.Finally(func() { Assert(!RwsemIsLocked(&vma.VmMm.MmapLock), "mmap_lock is still held") })
		}},
	)
}
