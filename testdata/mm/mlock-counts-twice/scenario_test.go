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
type port func(vma *VmAreaStruct, newflags uint64, cpu *actors.Cpu)

// apply is apply_vma_lock_flags for one VMA: mlock and munlock.
func (mlockFixup port) apply(vma *VmAreaStruct, set, clear uint64) {
	MmapWriteLock(vma.VmMm)
	mlockFixup(vma, vma.VmFlags.Get()&^clear|set, new(actors.Cpu))
	MmapWriteUnlock(vma.VmMm)
}

// newVma maps an anonymous page that is on a list of reclaim.
func newVma(k *Kernel) (*VmAreaStruct, *Page) {
	k.Release("v5.18")
	vma := MapAnon(k, NewMm(k), 0, PageSize, VmRead|VmWrite)
	MayTear(&vma.VmFlags)
	page := NewPage(k, nil, 0)
	OnLru(k, page)
	Populate(k, vma, 0, page, PageRw)
	return vma, page
}

// countedOnce: the count may be too low, but never above the number of VMAs that lock the page; and when the last of them
// is munlocked the page can be reclaimed.
func countedOnce(p port, vma *VmAreaStruct, page *Page) func() {
	return func() {
		folio := page.Folio
		Assert(folio.MlockCount.Get() <= 1, "one VMA locks %v, and mlock_count is %d", page, folio.MlockCount.Get())
		Assert(vma.VmFlags.Get()&VmIo == 0, "the VMA stays marked")
		p.apply(vma, 0, VmLocked)
		Assert(!FolioTestMlocked(folio) && !FolioTestUnevictable(folio), "%v stays unevictable after munlock", page)
	}
}

// mlockAndReclaim: reclaim looks whether the page is in use, under the lock of its anon_vma.
func mlockAndReclaim(k *Kernel, p port) {
	vma, page := newVma(k)
	k.Go("mlock", func() { p.apply(vma, VmLocked, 0) })
	k.Go("reclaim", func() { actors.ShrinkInactiveList(new(actors.Cpu), page.Folio) })
	k.Finally(countedOnce(p, vma, page))
}

// mlockAndMigration: the page has been copied, and the copy is mapped in its place.
func mlockAndMigration(k *Kernel, p port) {
	vma, src := newVma(k)
	dst := NewPage(k, nil, 0)
	OnLru(k, dst)
	dst.Folio.AnonVma.Set(vma.AnonVma.Get())
	// try_to_migrate has replaced the PTE.
	PteAt(k, vma.VmMm, 0).Set(SwpEntryToPte(MakeWritableMigrationEntry(src)))
	src.Mapcount.Set(0)
	k.Go("mlock", func() { p.apply(vma, VmLocked, 0) })
	k.Go("migration", func() {
		FolioLock(src.Folio)
		BugOn(!FolioTrylock(dst.Folio)) // new, so that nobody else can have it
		actors.RemoveMigrationPtes(src.Folio, dst.Folio, new(actors.Cpu))
		FolioUnlock(dst.Folio)
		FolioUnlock(src.Folio)
	})
	k.Finally(countedOnce(p, vma, dst))
}

// mlockAgain: who mlocks twice, and asks for something else the second time, locks once.
func mlockAgain(k *Kernel, p port) {
	const vmLockonfault = 0x80000
	vma, page := newVma(k)
	k.Go("mlock", func() {
		p.apply(vma, VmLocked, 0)
		p.apply(vma, VmLocked|vmLockonfault, 0)
		Assert(vma.VmFlags.Get()&vmLockonfault != 0, "the second mlock is lost")
	})
	k.Finally(countedOnce(p, vma, page))
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
		story.Scenario[port]{Name: "mlock+mlock", Setup: mlockAgain},
	)
}
