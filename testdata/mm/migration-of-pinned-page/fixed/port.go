// Package fixed is migration of v5.19: when the PTE is gone it looks whether the page is pinned, and if so puts it back.
//
//mm:kernel v5.19
package fixed

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
)

// UnmapAndMove moves an anonymous page to newpage. The caller has a reference to each.
//
//mm:port __unmap_and_move mm/migrate.c v5.19
func UnmapAndMove(page, newpage *Page) int {
	rc := -EAGAIN
	folio, dst := PageFolio(page), PageFolio(newpage)
	if !FolioTrylock(folio) {
		return rc
	}
	if !FolioTrylock(dst) {
		FolioUnlock(folio)
		return rc
	}

	// try_to_migrate: establish migration ptes
	RmapWalk(folio, &RmapWalkControl{RmapOne: TryToMigrateOne, AnonLock: FolioLockAnonVmaRead})

	if !FolioMapped(folio) {
		rc = FolioMigrateMapping(dst, folio)
	}
	to := folio
	if rc == 0 {
		to = dst
	}
	actors.RemoveMigrationPtes(folio, to, nil)

	FolioUnlock(dst)
	FolioUnlock(folio)
	return rc
}

// TryToMigrateOne replaces the PTE that maps the folio by a migration entry.
//
//mm:port try_to_migrate_one mm/rmap.c v5.19
func TryToMigrateOne(folio *Folio, vma *VmAreaStruct, address uint64, arg any) bool {
	mm := vma.VmMm
	pvmw := PageVmaMappedWalkState{Folio: folio, Vma: vma, Address: address}
	ret := true
	var r MmuNotifierRange

	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, address, address+PageSize)
	MmuNotifierInvalidateRangeStart(&r)

	for PageVmaMappedWalk(&pvmw) {
		subpage := PtePage(PtepGet(pvmw.Pte))
		anonExclusive := FolioTestAnon(folio) && PageAnonExclusive(subpage)

		// Nuke the page table entry.
		pteval := PtepClearFlush(vma, address, pvmw.Pte)

		// See page_try_share_anon_rmap(): clear PTE first.
		if anonExclusive && PageTryShareAnonRmap(subpage) != 0 {
			SetPteAt(mm, address, pvmw.Pte, pteval)
			ret = false
			PageVmaMappedWalkDone(&pvmw)
			break
		}

		// Store the pfn of the page in a special migration pte. do_swap_page() will wait until the migration pte is removed and
		// then restart fault handling.
		entry := MakeReadableMigrationEntry(subpage)
		if PteWrite(pteval) {
			entry = MakeWritableMigrationEntry(subpage)
		} else if anonExclusive {
			entry = MakeReadableExclusiveMigrationEntry(subpage)
		}
		SetPteAt(mm, address, pvmw.Pte, SwpEntryToPte(entry))
		PageRemoveRmap(subpage, vma, false)
		FolioPut(folio)
	}

	MmuNotifierInvalidateRangeEnd(&r)
	return ret
}

// PageTryShareAnonRmap marks a page as possibly shared, unless it may be pinned. Its PTE must have been cleared, so that GUP-fast
// cannot pin it any more.
//
//mm:port page_try_share_anon_rmap include/linux/rmap.h v5.19
func PageTryShareAnonRmap(page *Page) int {
	if PageMaybeDmaPinned(page) {
		return -EBUSY
	}
	ClearPageAnonExclusive(page)
	return 0
}

// FolioMigrateMapping makes newfolio the one that the reverse map leads to, if nobody refers to folio but the caller.
//
//mm:port folio_migrate_mapping mm/migrate.c v5.19
func FolioMigrateMapping(newfolio, folio *Folio) int {
	const expectedCount = 1 // expected_page_refs: anonymous page without mapping
	if PageCount(FolioPage(folio, 0)) != expectedCount {
		return -EAGAIN
	}
	// No turning back from here
	newfolio.AnonVma.Set(folio.AnonVma.Get())
	return 0
}
