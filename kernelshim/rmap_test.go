package kernelshim_test

import (
	"testing"

	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/kernelshim/explore"
)

// visit notes which VMAs a reverse-map walk finds, and whether they map the folio.
func visit(folio *Folio, vma *VmAreaStruct, addr uint64, arg any) bool {
	seen := arg.(map[*VmAreaStruct]bool)
	pvmw := PageVmaMappedWalkState{Folio: folio, Vma: vma, Address: addr}
	seen[vma] = PageVmaMappedWalk(&pvmw)
	if seen[vma] {
		PageVmaMappedWalkDone(&pvmw)
	}
	return true
}

// TestRmapWalk walks both reverse maps: a file's page in two address spaces, and an anonymous page of a parent that a child
// still maps.
func TestRmapWalk(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		file := NewFile(k)
		page, anon := NewPage(k, file, 1), NewPage(k, nil, 1)
		parent := MapFile(k, NewMm(k), file, 0, HpagePmdSize, 0, VmRead|VmWrite)
		Populate(k, parent, PageSize, page, 0)
		anon.Folio.AnonVma.Set(PrepareAnon(k, parent))
		child := Fork(k, parent, NewMm(k))
		Populate(k, child, PageSize, anon, PageRw)
		later := MapFile(k, NewMm(k), file, 0, PageSize, 2, VmRead)
		k.Go("walk", func() {
			for _, f := range []*Folio{PageFolio(page), PageFolio(anon)} {
				seen := map[*VmAreaStruct]bool{}
				FolioLock(f)
				RmapWalk(f, &RmapWalkControl{RmapOne: visit, Arg: seen})
				FolioUnlock(f)
				Assert(len(seen) == 2, "the walk of %v sees %d VMAs", f, len(seen))
				Assert(seen[parent] != seen[child], "the walk of %v finds it in both or none", f)
				_, wrong := seen[later]
				Assert(!wrong, "the walk of %v sees a VMA elsewhere in the file", f)
			}
		})
	})
}

// TestNotifier checks that each secondary MMU is told, and that one that would have to sleep ends what others started.
func TestNotifier(t *testing.T) {
	for _, busy := range []bool{false, true} {
		explore.Check(t, func(k *Kernel) {
			mm := NewMm(k)
			open := NewWord(k, "open", 0)
			Subscribe(k, mm, MmuNotifierOps{
				InvalidateRangeStart: func(*MmuNotifier, *MmuNotifierRange) int { open.Set(open.Get() + 1); return 0 },
				InvalidateRangeEnd:   func(*MmuNotifier, *MmuNotifierRange) { open.Set(open.Get() - 1) },
			})
			Subscribe(k, mm, MmuNotifierOps{InvalidateRangeStart: func(mn *MmuNotifier, r *MmuNotifierRange) int {
				if busy && r.Flags&MmuNotifierRangeBlockable == 0 {
					return -EAGAIN
				}
				return 0
			}})
			k.Go("oom", func() {
				var r MmuNotifierRange
				MmuNotifierRangeInit(&r, MmuNotifyUnmap, 0, mm, 0, PageSize)
				ret := MmuNotifierInvalidateRangeStartNonblock(&r)
				Assert(busy == (ret == -EAGAIN), "start returns %d", ret)
				if ret != 0 {
					return
				}
				Assert(open.Get() == 1, "the first is not told")
				MmuNotifierInvalidateRangeEnd(&r)
			})
			k.Finally(func() { Assert(open.Get() == 0, "a range stays open") })
		})
	}
}

// TestMmuGather frees a table that GUP-fast may be in: by RCU, which waits for it.
func TestMmuGather(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		vma, hpage := populated(k, "v6.1")
		mm := vma.VmMm
		k.Go("exit", func() {
			var tlb MmuGather
			TlbGatherMmu(&tlb, mm)
			pte, ptl := PteOffsetMapLock(mm, MmFindPmd(mm, 0), 0)
			if pte == nil {
				return
			}
			TlbRemovePage(&tlb, PtePage(PtepGetAndClear(mm, 0, pte)))
			PteUnmapUnlock(pte, ptl)
			PteFreeTlb(&tlb, PmdPgtable(Xchg(MmFindPmd(mm, 0), PmdT{})), 0)
			TlbFinishMmu(&tlb)
		})
		k.Go("gup", func() {
			if page := GetUserPagesFastOnly(mm, 0); page != nil {
				PutPage(page)
			}
		})
		k.Finally(func() { Assert(AtomicRead(&hpage.Folio.Refcount) == HpagePmdNr, "refcount") })
	}, explore.WithoutLockRules())
}

// TestFolioLockAnonVmaRead races the lookup of an anon_vma with the end of its folio's mapping and of itself.
func TestFolioLockAnonVmaRead(t *testing.T) {
	explore.Check(t, func(k *Kernel) {
		page := NewPage(k, nil, 0)
		vma := MapAnon(k, NewMm(k), 0, HpagePmdSize, VmRead|VmWrite)
		Populate(k, vma, 0, page, PageRw)
		anonVma := vma.AnonVma.Get()
		k.Go("exit", func() {
			AnonVmaLockWrite(anonVma)
			AnonVmaUnlockWrite(anonVma)
			PageRemoveRmap(page, vma, false)
			PutAnonVma(anonVma)
		})
		k.Go("reclaim", func() {
			folio := PageFolio(page)
			FolioLock(folio)
			if a := FolioLockAnonVmaRead(folio, nil); a != nil {
				AnonVmaIntervalTreeIterFirst(a, 0, 0)
				AnonVmaUnlockRead(a)
			}
			FolioUnlock(folio)
		})
	}, explore.WithoutLockRules())
}
