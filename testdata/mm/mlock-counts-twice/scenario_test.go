package mlock

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/mlock-counts-twice/buggy"
	"github.com/mmvet/mmvet/testdata/mm/mlock-counts-twice/buggy/beforedrain"
	"github.com/mmvet/mmvet/testdata/mm/mlock-counts-twice/buggy/beforewalk"
	"github.com/mmvet/mmvet/testdata/mm/mlock-counts-twice/buggy/callersets"
	"github.com/mmvet/mmvet/testdata/mm/mlock-counts-twice/buggy/novmio"
	"github.com/mmvet/mmvet/testdata/mm/mlock-counts-twice/fixed"
)

// A port is mlock_fixup.
type port func(vma *VmAreaStruct, newflags VmFlagsT, cpu *actors.Cpu)

// apply is apply_vma_lock_flags for one VMA: mlock and munlock.
func (mlockFixup port) apply(vma *VmAreaStruct, set, clear VmFlagsT, cpu *actors.Cpu) {
	MmapWriteLock(vma.VmMm)
	mlockFixup(vma, vma.VmFlags.Get()&^clear|set, cpu)
	MmapWriteUnlock(vma.VmMm)
}

// A scene is a VMA that maps one anonymous page, which is on a list of reclaim, and the CPUs of two tasks.
type scene struct {
	vma  *VmAreaStruct
	page *Page
	cpus [2]*actors.Cpu
}

func newScene(k *Kernel, flags VmFlagsT) scene {
	k.Release("v5.18")
	s := scene{cpus: [2]*actors.Cpu{actors.NewCpu(k), actors.NewCpu(k)}}
	s.vma = MapAnon(k, NewMm(k), 0, 2*PageSize, VmRead|VmWrite|flags)
	MayTear(&s.vma.VmFlags)
	s.page = s.newPage(k, 0)
	return s
}

// newPage maps one more page.
func (s scene) newPage(k *Kernel, addr uint64) *Page {
	page := NewPage(k, nil, LinearPageIndex(s.vma, addr))
	OnLru(k, page)
	Populate(k, s.vma, addr, page, PageRw)
	return page
}

// mlockedPage makes the page one that the VMA has mlocked.
func (s scene) mlockedPage() {
	SetBit(PgMlocked, &s.page.Folio.PgFlags)
	SetBit(PgUnevictable, &s.page.Folio.PgFlags)
	s.page.Folio.MlockCount.Set(1)
}

// countedOnce: the count may be too low, but never above the number of VMAs that lock the page; and when the last of them
// is munlocked the page can be reclaimed.
func (s scene) countedOnce(p port, page *Page, more ...*VmAreaStruct) func() {
	return func() {
		folio := page.Folio
		actors.LruAddDrainAll(s.cpus[:]...)
		vmas := append([]*VmAreaStruct{s.vma}, more...)
		var locked int32
		for _, vma := range vmas {
			Assert(vma.VmFlags.Get()&VmIo == 0, "%v stays marked", vma)
			if vma.VmFlags.Get()&VmLocked != 0 {
				locked++
			}
		}
		for _, vma := range vmas {
			over := FolioTestUnevictable(folio) && folio.MlockCount.Get() > locked
			Assert(!over, "VMAs that lock %v: %d; mlock_count: %d", page, locked, folio.MlockCount.Get())
			if vma.VmFlags.Get()&VmLocked != 0 {
				p.apply(vma, 0, VmLocked, s.cpus[0])
				locked--
			}
		}
		Assert(!FolioTestMlocked(folio) && !FolioTestUnevictable(folio), "%v stays unevictable after munlock", page)
	}
}

// mlockAndReclaim: reclaim looks whether the page is in use, under the lock of its anon_vma.
func mlockAndReclaim(k *Kernel, p port) {
	s := newScene(k, 0)
	k.Go("mlock", func() { p.apply(s.vma, VmLocked, 0, s.cpus[0]) })
	k.Go("reclaim", func() { actors.ShrinkInactiveList(s.cpus[1], s.page.Folio) })
	k.Finally(s.countedOnce(p, s.page))
}

// mlockReclaimAndDrain: and somebody has all CPUs drain their batches meanwhile.
func mlockReclaimAndDrain(k *Kernel, p port) {
	s := newScene(k, 0)
	k.Go("mlock", func() { p.apply(s.vma, VmLocked, 0, s.cpus[0]) })
	k.Go("reclaim", func() { actors.ShrinkInactiveList(s.cpus[1], s.page.Folio) })
	k.Go("drain", func() { actors.LruAddDrainAll(s.cpus[:]...) })
	k.Finally(s.countedOnce(p, s.page))
}

// migrating replaces the PTE of the page by a migration entry, as try_to_migrate does. The page has been copied to dst: the task
// maps that in its place.
func (s scene) migrating(k *Kernel) (dst *Page, task func()) {
	src := s.page
	dst = NewPage(k, nil, 0)
	OnLru(k, dst)
	dst.Folio.AnonVma.Set(s.vma.AnonVma.Get())
	PteAt(k, s.vma.VmMm, 0).Set(SwpEntryToPte(MakeWritableMigrationEntry(src)))
	src.Mapcount.Set(0)
	return dst, func() {
		FolioLock(src.Folio)
		if !FolioTrylock(dst.Folio) {
			return // never: it is new
		}
		actors.RemoveMigrationPtes(src.Folio, dst.Folio, s.cpus[1])
		FolioUnlock(dst.Folio)
		FolioUnlock(src.Folio)
	}
}

func mlockAndMigration(k *Kernel, p port) {
	s := newScene(k, 0)
	dst, migration := s.migrating(k)
	k.Go("mlock", func() { p.apply(s.vma, VmLocked, 0, s.cpus[0]) })
	k.Go("migration", migration)
	k.Finally(s.countedOnce(p, dst))
}

// munlockAndMigration: the VMA was locked before.
func munlockAndMigration(k *Kernel, p port) {
	s := newScene(k, VmLocked)
	s.mlockedPage()
	dst, migration := s.migrating(k)
	k.Go("munlock", func() { p.apply(s.vma, 0, VmLocked, s.cpus[0]) })
	k.Go("migration", migration)
	k.Finally(s.countedOnce(p, dst))
}

// mlockOfTwo: parent and child share the page, and both lock it. They unlock it one after the other: at the same time the munlock that
// does not get hold of the page clears PG_mlocked and leaves the count, which the kernel knows of (UNEVICTABLE_PGSTRANDED).
func mlockOfTwo(k *Kernel, p port) {
	s := newScene(k, 0)
	child := Fork(k, s.vma, NewMm(k))
	Populate(k, child, 0, s.page, 0)
	k.Go("parent", func() { p.apply(s.vma, VmLocked, 0, s.cpus[0]) })
	k.Go("child", func() { p.apply(child, VmLocked, 0, s.cpus[1]) })
	k.Finally(s.countedOnce(p, s.page, child))
}

// mlockAgain: who mlocks twice, and asks for something else the second time, locks once.
func mlockAgain(k *Kernel, p port) {
	const vmLockonfault = 0x80000
	s := newScene(k, 0)
	k.Go("mlock", func() {
		p.apply(s.vma, VmLocked, 0, s.cpus[0])
		p.apply(s.vma, VmLocked|vmLockonfault, 0, s.cpus[0])
		Assert(s.vma.VmFlags.Get()&vmLockonfault != 0, "the second mlock is lost")
	})
	k.Finally(s.countedOnce(p, s.page))
}

// mlockAlone: nobody is in the way, so that each page is counted, even if it is so new that the CPU has not put it on a list.
func mlockAlone(k *Kernel, p port) {
	s := newScene(k, 0)
	pages := [...]*Page{s.page, s.newPage(k, PageSize)}
	ClearBit(PgLru, &s.page.Folio.PgFlags)
	k.Go("mlock", func() {
		actors.FolioAddLru(s.page.Folio, s.cpus[0])
		p.apply(s.vma, VmLocked, 0, s.cpus[0])
		for _, page := range pages {
			Assert(page.Folio.MlockCount.Get() == 1, "nobody but one VMA locks %v, and mlock_count is %d", page, page.Folio.MlockCount.Get())
		}
	})
	k.Finally(s.countedOnce(p, s.page))
}

// mlockBesideZeroPage: a page that is no folio on a list is not counted.
func mlockBesideZeroPage(k *Kernel, p port) {
	s := newScene(k, 0)
	PteAt(k, s.vma.VmMm, PageSize).Set(MkPte(NewPage(k, nil, 1), PageSpecial))
	k.Go("mlock", func() { p.apply(s.vma, VmLocked, 0, s.cpus[0]) })
	k.Finally(s.countedOnce(p, s.page))
}

// mlockOfDevice: memory of a device cannot be locked, and stays VM_IO.
func mlockOfDevice(k *Kernel, p port) {
	s := newScene(k, VmIo|VmPfnmap)
	k.Go("mlock", func() {
		p.apply(s.vma, VmLocked, 0, s.cpus[0])
		Assert(s.vma.VmFlags.Get() == VmRead|VmWrite|VmIo|VmPfnmap, "memory of a device has flags %#x after mlock", s.vma.VmFlags.Get())
	})
}

func TestStory(t *testing.T) {
	const kind = explore.Invariant
	variants := []story.Variant[port]{
		{Name: "no VM_IO", Port: novmio.MlockFixup, Fails: kind},
		{Name: "caller sets", Port: callersets.MlockFixup, Fails: kind},
		{Name: "cleared before walk", Port: beforewalk.MlockFixup, Fails: kind},
		{Name: "cleared before drain", Port: beforedrain.MlockFixup, Fails: kind},
	}
	story.Test(t, port(buggy.MlockFixup), port(fixed.MlockFixup),
		story.Scenario[port]{Name: "mlock+reclaim", Setup: mlockAndReclaim, Fails: kind, Variants: variants},
		story.Scenario[port]{Name: "mlock+migration", Setup: mlockAndMigration, Fails: kind, Variants: variants[:3]},
		story.Scenario[port]{Name: "mlock+reclaim+drain", Setup: mlockReclaimAndDrain, Fails: kind},
		story.Scenario[port]{Name: "munlock+migration", Setup: munlockAndMigration},
		story.Scenario[port]{Name: "mlock of two", Setup: mlockOfTwo},
		story.Scenario[port]{Name: "mlock+mlock", Setup: mlockAgain},
		story.Scenario[port]{Name: "mlock alone", Setup: mlockAlone},
		story.Scenario[port]{Name: "mlock beside zero page", Setup: mlockBesideZeroPage},
		story.Scenario[port]{Name: "mlock of device", Setup: mlockOfDevice},
	)
}
