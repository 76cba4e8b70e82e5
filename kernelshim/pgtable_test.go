package kernelshim_test

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// TestEntries sets, reads and clears entries, and looks at their bits.
func TestEntries(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		vma, hpage := populated(k, "v6.6")
		mm, next := vma.VmMm, NthPage(hpage, 1)
		k.Go("task", func() {
			pmd := MmFindPmd(mm, 0)
			pte := PteOffsetMap(pmd, 0)
			same := func(what string, got, want PteT) { Assert(PteSame(got, want), "%s: %v, want %v", what, got, want) }
			was := MkPte(hpage, PageRw)
			same("ptep_get", PtepGet(pte), was)
			Assert(PteWrite(was) && !PteDirty(was) && PtePresent(was) && !PteNone(was) && PtePage(was) == hpage, "bits")
			now := MkPte(next, PageDirty|PageAccessed)
			Assert(!PteWrite(now) && PteDirty(now) && VmNormalPage(vma, 0, now) == next, "bits")
			SetPteAt(mm, 0, pte, now)
			Assert(PtepTestAndClearYoung(vma, 0, pte) && !PtepTestAndClearYoung(vma, 0, pte), "young")
			same("ptep_clear_flush", PtepClearFlush(vma, 0, pte), MkPte(next, PageDirty))
			same("ptep_get", PtepGetLockless(pte), PteT{})
			SetPteAt(mm, 0, pte, was)
			same("ptep_get_and_clear", PtepGetAndClear(mm, 0, pte), was)
			SetPteAt(mm, 0, pte, was)
			PteClear(mm, 0, pte)
			Assert(PteNone(PtepGet(pte)) && PteNone(PtepGet(PteAdvance(pte, 1))), "cleared")
			PteUnmap(pte)

			table := PmdpGet(pmd)
			Assert(PmdPresent(table) && !PmdLeaf(table) && !PmdBad(table) && !PmdNone(table), "a table")
			PmdClear(pmd)
			none := PmdpGetLockless(pmd)
			Assert(PmdNone(none) && !PmdPresent(none) && PmdBad(none) && PmdPgtable(none) == nil, "none")
			SetPmdAt(mm, 0, pmd, MkHugePmd(hpage, PageRw))
			leaf := PmdpHugeGetAndClear(mm, 0, pmd)
			Assert(PmdTransHuge(leaf) && PmdLeaf(leaf) && PmdBad(leaf) && PmdPage(leaf) == hpage, "a leaf")
			Assert(PmdNone(PmdpGet(pmd)), "cleared")
			PmdPopulate(mm, pmd, PmdPgtable(table))
			Assert(PmdSame(PmdpGet(pmd), table), "populated")
		})
	}, ruleless)
}

// TestEntriesAreExchanged races two tasks that clear one entry: one gets it. If they read and then clear, both do.
func TestEntriesAreExchanged(t *testing.T) {
	for name, clear := range map[string]func(*VmAreaStruct, *Word[PteT]) PteT{
		"ptep_get_and_clear": func(v *VmAreaStruct, p *Word[PteT]) PteT { return PtepGetAndClear(v.VmMm, 0, p) },
		"ptep_clear_flush":   func(v *VmAreaStruct, p *Word[PteT]) PteT { return PtepClearFlush(v, 0, p) },
		"pte_clear": func(v *VmAreaStruct, p *Word[PteT]) PteT {
			pte := PtepGet(p)
			PteClear(v.VmMm, 0, p)
			return pte
		},
	} {
		scenario := func(k *Kernel) {
			vma, _ := populated(k, "v6.1")
			got := NewWord[int32](k, "got", 0)
			for _, name := range []string{"a", "b"} {
				k.Go(name, func() {
					if !PteNone(clear(vma, PteOffsetMap(MmFindPmd(vma.VmMm, 0), 0))) {
						AtomicInc(got)
					}
				})
			}
			k.Finally(func() { Assert(got.Get() == 1, "%d tasks got the entry", got.Get()) })
		}
		if name == "pte_clear" {
			explore.Expect(t, explore.Invariant, scenario, ruleless)
		} else {
			explore.Check(t, scenario, ruleless)
		}
	}
}

// TestPteOffsetMap keeps a table alive by mapping an entry of it, since v6.5; once it is unmapped nothing does.
func TestPteOffsetMap(t *testing.T) {
	scenario := func(release string, late bool) func(*Kernel) {
		return func(k *Kernel) {
			vma, _ := populated(k, release)
			mm := vma.VmMm
			k.Go("retract", func() {
				PteFreeDefer(mm, PmdPgtable(Xchg(MmFindPmd(mm, 0), PmdT{})))
			})
			k.Go("walk", func() {
				pte := PteOffsetMap(MmFindPmd(mm, 0), 0)
				if pte == nil {
					return
				}
				if late {
					PteUnmap(pte)
				}
				PtepGet(pte)
				if !late {
					PteUnmap(pte)
				}
			})
		}
	}
	explore.Check(t, scenario("v6.6", false), ruleless)
	explore.Expect(t, explore.UseAfterFree, scenario("v6.6", true), ruleless)
	explore.Expect(t, explore.UseAfterFree, scenario("v6.1", false), ruleless)
	explore.Expect(t, explore.Oops, scenario("v6.1", false), ruleless)
}

// TestTableLocks checks that pmd_lock and pmd_lockptr mean one lock for all entries of a table, and pte_lockptr another.
func TestTableLocks(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		vma, _ := populated(k, "v6.6")
		mm := vma.VmMm
		second := TableAt(k, mm, HpagePmdSize)
		k.Go("task", func() {
			pmd := MmFindPmd(mm, 0)
			pml := PmdLock(mm, pmd)
			Assert(pml == PmdLockptr(mm, pmd) && pml == PmdLockptr(mm, second), "one table, two locks")
			Assert(SpinIsLocked(pml) && !SpinIsLocked(PteLockptr(mm, pmd)), "the wrong lock")
			Assert(PteLockptr(mm, pmd) != PteLockptr(mm, second), "two tables, one lock")
			SpinUnlock(pml)
			pte, ptl := PteOffsetMapLock(mm, pmd, PageSize)
			Assert(ptl == PteLockptr(mm, pmd) && SpinIsLocked(ptl), "the wrong lock")
			PteUnmapUnlock(pte, ptl)
			Assert(MmFindPmd(mm, PudSize) == nil, "there is no table")
		})
	}, ruleless)
}

// TestGather frees what was gathered at the flush and not before: pages at once, tables when RCU readers are gone.
func TestGather(t *testing.T) {
	scenario := func(read func(mm *MmStruct, pmd PmdT)) func(*Kernel) {
		return func(k *Kernel) {
			vma, hpage := populated(k, "v6.6")
			mm := vma.VmMm
			k.Go("exit", func() {
				var tlb MmuGather
				TlbGatherMmu(&tlb, mm)
				pmd := Xchg(MmFindPmd(mm, 0), PmdT{})
				TlbRemovePage(&tlb, hpage)
				PteFreeTlb(&tlb, PmdPgtable(pmd), 0)
				PtepGetLockless(&PmdPgtable(pmd).Pte[0])
				Assert(AtomicRead(&hpage.Folio.Refcount) == HpagePmdNr+1, "freed before the flush")
				TlbFlushMmu(&tlb)
				Assert(AtomicRead(&hpage.Folio.Refcount) == HpagePmdNr, "not freed by the flush")
				TlbFinishMmu(&tlb)
				Assert(AtomicRead(&hpage.Folio.Refcount) == HpagePmdNr, "freed twice")
			})
			k.Go("walk", func() { read(mm, PmdpGetLockless(MmFindPmd(mm, 0))) })
		}
	}
	explore.Check(t, scenario(func(mm *MmStruct, _ PmdT) {
		RcuReadLock()
		if pmd := PmdpGetLockless(MmFindPmd(mm, 0)); PmdPresent(pmd) {
			PtepGetLockless(&PmdPgtable(pmd).Pte[0])
		}
		RcuReadUnlock()
	}), ruleless)
	explore.Expect(t, explore.UseAfterFree, scenario(func(_ *MmStruct, pmd PmdT) {
		if PmdPresent(pmd) {
			PtepGetLockless(&PmdPgtable(pmd).Pte[0])
		}
	}), ruleless)
}

// TestGupFastEntries looks up what GUP-fast takes, and what it leaves to the slow path.
func TestGupFastEntries(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		vma, hpage := populated(k, "v6.6")
		mm, dying := vma.VmMm, NewPage(k, nil, 1)
		dying.Folio.Refcount.Set(0)
		k.Go("gup", func() {
			pmd := MmFindPmd(mm, 0)
			table := PmdPgtable(pmd.Get())
			pte := PteOffsetMap(pmd, 0)
			refs := AtomicRead(&hpage.Folio.Refcount)
			want := func(what string, addr uint64, page *Page) {
				got := GetUserPagesFastOnly(mm, addr)
				Assert(got == page, "%s: %v, want %v", what, got, page)
				if got != nil {
					Assert(AtomicRead(&hpage.Folio.Refcount) == refs+1, "%s: no reference", what)
					PutPage(got)
				}
				Assert(AtomicRead(&hpage.Folio.Refcount) == refs, "%s: a reference leaks", what)
			}
			want("a page", 0, hpage)
			want("no entry", PageSize, nil)
			want("no table", PmdSize, nil)
			want("no table of PMDs", PudSize, nil)
			SetPteAt(mm, 0, pte, MkPte(hpage, PageProtnone))
			want("protnone", 0, nil)
			SetPteAt(mm, 0, pte, MkPte(dying, PageRw))
			want("a page that is being freed", 0, nil)
			PteUnmap(pte)
			SetPmdAt(mm, 0, pmd, MkHugePmd(hpage, PageRw))
			want("a huge page", 0, hpage)
			want("its second half", PageSize, NthPage(hpage, 1))
			SetPmdAt(mm, 0, pmd, MkHugePmd(hpage, PageProtnone))
			want("a protnone huge page", 0, nil)
			PteFree(mm, table)
		})
	}, ruleless)
}

// TestGupFastHugePage takes a reference of a huge page while it is unmapped and freed, and never of another one.
func TestGupFastHugePage(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		vma, hpage := populated(k, "v6.6")
		mm := vma.VmMm
		pmd := TableAt(k, mm, HpagePmdSize)
		pmd.Set(MkHugePmd(hpage, PageRw))
		k.Go("zap", func() {
			if page := PmdPage(PmdpHugeGetAndClear(mm, HpagePmdSize, pmd)); page != nil {
				PutPage(page)
			}
		})
		k.Go("gup", func() {
			if page := GetUserPagesFastOnly(mm, HpagePmdSize); page != nil {
				Assert(AtomicRead(&page.Folio.Refcount) > 0, "free")
				PutPage(page)
			}
		})
		k.Finally(func() { Assert(hpage.Folio.Refcount.Get() == HpagePmdNr, "refcount %d", hpage.Folio.Refcount.Get()) })
	}, ruleless)
}

// TestNotifierFailures checks who is told what if a secondary MMU refuses: all others get their end, even those behind it.
func TestNotifierFailures(t *testing.T) {
	scenario := func(ret int, end, block bool) func(*Kernel) {
		return func(k *Kernel) {
			mm, open := NewMm(k), NewWord[int32](k, "open", 0)
			counts := MmuNotifierOps{
				InvalidateRangeStart: func(*MmuNotifier, *MmuNotifierRange) int { AtomicInc(open); return 0 },
				InvalidateRangeEnd:   func(*MmuNotifier, *MmuNotifierRange) { AtomicDec(open) },
			}
			refuses := MmuNotifierOps{InvalidateRangeStart: func(*MmuNotifier, *MmuNotifierRange) int { return ret }}
			if end {
				refuses.InvalidateRangeEnd = func(*MmuNotifier, *MmuNotifierRange) {}
			}
			for _, ops := range []MmuNotifierOps{counts, refuses, counts} {
				Subscribe(k, mm, ops)
			}
			k.Go("task", func() {
				var r MmuNotifierRange
				MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, 0, PageSize)
				if block {
					MmuNotifierInvalidateRangeStart(&r)
				} else if got := MmuNotifierInvalidateRangeStartNonblock(&r); got != 0 {
					Assert(got == ret && AtomicRead(open) == 0, "returns %d with %d open", got, AtomicRead(open))
					return
				}
				Assert(AtomicRead(open) == 2, "%d are told", AtomicRead(open))
				MmuNotifierInvalidateRangeEnd(&r)
				Assert(AtomicRead(open) == 0, "%d stay open", AtomicRead(open))
			})
		}
	}
	explore.Check(t, scenario(0, false, true))
	explore.Check(t, scenario(0, true, false))
	explore.Check(t, scenario(-EAGAIN, false, false))
	explore.Expect(t, explore.Warn, scenario(-EAGAIN, true, false)) // its end would be called
	explore.Expect(t, explore.Warn, scenario(-EBUSY, false, false))
	explore.Expect(t, explore.Warn, scenario(-EAGAIN, false, true))
}
