package mremap

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
	"github.com/mmvet/mmvet/testdata/mm/internal/story"
	"github.com/mmvet/mmvet/testdata/mm/internal/vma"
	"github.com/mmvet/mmvet/testdata/mm/mremap-moves-retracted-table/buggy"
	"github.com/mmvet/mmvet/testdata/mm/mremap-moves-retracted-table/fixed"
	retract "github.com/mmvet/mmvet/testdata/mm/retract-under-imap-read/fixed"
)

// A port is move_pgt_entry.
type port = func(vma *VmAreaStruct, oldAddr, newAddr uint64, oldPmd, newPmd *Word[PmdT]) bool

// newAddr is below another PUD entry, so that the two PMD entries stand in two tables, and have two locks.
const newAddr = 1 << PudShift

// mremapAndRetract: a thread moves a mapping of a file, while khugepaged puts a huge page into the file and removes the tables.
func mremapAndRetract(k *Kernel, movePgtEntry port) {
	k.Release("v6.12")
	mm, file := NewMm(k), NewFile(k)
	hpage := NewHugePage(k, file, 0)
	old := MapFile(k, mm, file, 0, HpagePmdSize, 0, VmRead|VmWrite|VmShared)
	LockableVma(k, old)
	oldPmd := TableAt(k, mm, 0)
	newPmd := PmdAt(k, mm, newAddr)
	k.Go("mremap", func() {
		MmapWriteLock(mm)
		vma.VmaStartWrite(old)
		// move_page_tables: get_old_pmd
		if pmd := PmdpGetLockless(oldPmd); PmdPresent(pmd) && !PmdLeaf(pmd) {
			movePgtEntry(old, 0, newAddr, oldPmd, newPmd)
		}
		MmapWriteUnlock(mm)
	})
	k.Go("khugepaged", func() {
		LockPage(hpage)
		retract.RetractPageTables(file.FMapping, 0)
		UnlockPage(hpage)
	})
	k.Finally(func() {
		Assert(PmdNone(oldPmd.Get()), "the table is still at its old address")
		tables := AtomicRead(&mm.PgtablesBytes)/PageSize - 2
		Assert(tables == 1 && !PmdNone(newPmd.Get()) || tables == 0 && PmdNone(newPmd.Get()), "tables are miscounted")
	})
}

func TestStory(t *testing.T) {
	before := func(vma *VmAreaStruct, oldAddr, newAddr uint64, oldPmd, newPmd *Word[PmdT]) bool {
		return buggy.MovePgtEntry(buggy.NormalPmd, vma, oldAddr, newAddr, oldPmd, newPmd)
	}
	after := func(vma *VmAreaStruct, oldAddr, newAddr uint64, oldPmd, newPmd *Word[PmdT]) bool {
		return fixed.MovePgtEntry(fixed.NormalPmd, vma, oldAddr, newAddr, oldPmd, newPmd)
	}
	story.Test(t, before, after,
		story.Scenario[port]{
			Name: "mremap+retract", Setup: mremapAndRetract, Fails: explore.Oops,
		},
	)
}
