// Package hint is the same as the series of January 2022 has it: it looks for pins before it unmaps.
//
//mm:kernel v5.19
package hint

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
	// Pinned pages cannot be migrated: do not destroy the user mapping only to find that out.
	if PageAnon(page) && PageMaybeDmaPinned(page) {
		FolioUnlock(folio)
		return -EBUSY
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
	var r MmuNotifierRange

	MmuNotifierRangeInit(&r, MmuNotifyClear, 0, mm, address, address+PageSize)
	MmuNotifierInvalidateRangeStart(&r)

	for PageVmaMappedWalk(&pvmw) {
		subpage := PtePage(PtepGet(pvmw.Pte))

		// Nuke the page table entry.
		pteval := PtepClearFlush(vma, address, pvmw.Pte)

		// Store the pfn of the page in a special migration pte. do_swap_page() will wait until the migration pte is removed and
		// then restart fault handling.
		entry := MakeReadableMigrationEntry(subpage)
		if PteWrite(pteval) {
			entry = MakeWritableMigrationEntry(subpage)
		}
		SetPteAt(mm, address, pvmw.Pte, SwpEntryToPte(entry))
		PageRemoveRmap(subpage, vma, false) // want "pairing: page_try_share_anon_rmap is not called between ptep_clear_flush and page_remove_rmap"
		FolioPut(folio)
	}

	MmuNotifierInvalidateRangeEnd(&r)
	return true
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
