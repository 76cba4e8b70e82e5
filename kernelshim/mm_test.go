package kernelshim_test

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// populated makes an mm that maps one huge page of a file by PTEs.
func populated(k *Kernel, release string) (*VmAreaStruct, *Page) {
	k.Release(release)
	file := NewFile(k)
	hpage := NewHugePage(k, file, 0)
	vma := MapFile(k, NewMm(k), file, 0, HpagePmdSize, 0, VmRead|VmWrite)
	Populate(k, vma, 0, hpage, PageRw)
	return vma, hpage
}

// TestPteOffsetMapLock races a table's removal by RCU with a task that maps it. Since v6.5 that is safe; before, the walk
// had to be excluded, and follows an empty entry or a freed table.
func TestPteOffsetMapLock(t *testing.T) {
	race := func(release string) func(*Kernel) {
		return func(k *Kernel) {
			vma, _ := populated(k, release)
			mm := vma.VmMm
			k.Go("retract", func() {
				pmd := MmFindPmd(mm, 0)
				pml := PmdLock(mm, pmd)
				ptl := PteLockptr(mm, pmd)
				SpinLockNested(ptl, 1)
				table := PmdPgtable(Xchg(pmd, PmdT{}))
				SpinUnlock(ptl)
				SpinUnlock(pml)
				PteFreeDefer(mm, table)
			})
			k.Go("walk", func() {
				pte, ptl := PteOffsetMapLock(mm, MmFindPmd(mm, 0), 0)
				if pte != nil {
					Assert(release == "v6.1" || PmdPresent(PmdpGet(MmFindPmd(mm, 0))), "the locked table is not in the tree")
					PtepGetAndClear(mm, 0, pte)
					FlushTlbPage(vma, 0)
					PteUnmapUnlock(pte, ptl)
				}
			})
		}
	}
	explore.Check(t, race("v6.6"))
	explore.Expect(t, explore.Oops, race("v6.1"))
	explore.Expect(t, explore.UseAfterFree, race("v6.1"))
}

// TestGupFast frees a table under GUP-fast with and without the IPI.
func TestGupFast(t *testing.T) {
	race := func(sync bool) func(*Kernel) {
		return func(k *Kernel) {
			vma, hpage := populated(k, "v6.1")
			mm := vma.VmMm
			k.Go("retract", func() {
				pmd := Xchg(MmFindPmd(mm, 0), PmdT{})
				if sync {
					TlbRemoveTableSyncOne()
				}
				PteFree(mm, PmdPgtable(pmd))
			})
			k.Go("gup", func() {
				if page := GetUserPagesFastOnly(mm, 0); page != nil {
					Assert(page == hpage, "GUP returned %v", page)
					PutPage(page)
				}
			})
		}
	}
	explore.Check(t, race(true))
	explore.Expect(t, explore.UseAfterFree, race(false))
}

// TestAnonVmaPrepare races two faults: the VMA gets one anon_vma, and the other is freed.
func TestAnonVmaPrepare(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		mm := NewMm(k)
		vma := MapAnon(k, mm, 0, HpagePmdSize, VmRead|VmWrite)
		for _, name := range []string{"fault", "fault2"} {
			k.Go(name, func() {
				MmapReadLock(mm)
				AnonVmaPrepare(FindVma(mm, 0))
				a := vma.AnonVma.Get()
				AnonVmaLockRead(a)
				avc := AnonVmaIntervalTreeIterFirst(a, 0, 0)
				Assert(avc != nil && avc.Vma == vma, "the VMA is not linked")
				Assert(AnonVmaIntervalTreeIterNext(avc, 0, 0) == nil, "the VMA is linked twice")
				AnonVmaUnlockRead(a)
				MmapReadUnlock(mm)
			})
		}
	})
}

// TestMmapLock checks that the sequence count follows the write lock since v6.13, counts its ends since v6.4, and does not exist
// before.
func TestMmapLock(t *testing.T) {
	for release, want := range map[string][2]uint32{"v6.3": {0, 0}, "v6.12": {0, 1}, "v6.13": {1, 2}} {
		explore.Check(t, func(k *Kernel) {
			k.Release(release)
			mm := NewMm(k)
			k.Go("writer", func() {
				MmapWriteLock(mm)
				Assert(RawReadSeqcount(&mm.MmLockSeq) == want[0], "locked: wrong count")
				MmapWriteDowngrade(mm)
				Assert(RawReadSeqcount(&mm.MmLockSeq) == want[1], "downgraded: wrong count")
				MmapReadUnlock(mm)
			})
			k.Go("reader", func() {
				if seq, ok := MmapLockSpeculateTryBegin(mm); ok {
					MmapLockSpeculateRetry(mm, seq)
				}
			})
		})
	}
}

// TestInstall races two faults that need the same table: one populates, the other frees its own.
func TestInstall(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		mm := NewMm(k)
		pmd := TableAt(k, mm, 0)
		pmd.Set(PmdT{})
		MmDecNrPtes(mm)
		for _, name := range []string{"fault", "fault2"} {
			k.Go(name, func() {
				Assert(PteAlloc(mm, pmd) == 0, "no memory")
				pte, ptl := PteOffsetMapLock(mm, pmd, 0)
				if pte == nil {
					return
				}
				Assert(PteNone(PtepGet(pte)), "a new table is not empty")
				PteUnmapUnlock(pte, ptl)
			})
		}
		k.Finally(func() { Assert(AtomicRead(&mm.PgtablesBytes) == 2*PageSize, "tables are miscounted") })
	})
}
