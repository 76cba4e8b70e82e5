package kernelshim

// IsSwapPte is is_swap_pte, include/linux/swapops.h: neither none nor present.
func IsSwapPte(pte PteT) bool { return pte.Swp.Type != SwpNone }

// PteToSwpEntry is pte_to_swp_entry, include/linux/swapops.h.
func PteToSwpEntry(pte PteT) SwpEntryT { return pte.Swp }

// SwpEntryToPte is swp_entry_to_pte, include/linux/swapops.h.
func SwpEntryToPte(entry SwpEntryT) PteT { return PteT{Swp: entry} }

// IsMigrationEntry is is_migration_entry, include/linux/swapops.h.
func IsMigrationEntry(entry SwpEntryT) bool { return entry.Type >= SwpMigrationRead }

// IsWritableMigrationEntry is is_writable_migration_entry, include/linux/swapops.h.
func IsWritableMigrationEntry(entry SwpEntryT) bool { return entry.Type == SwpMigrationWrite }

// MakeWritableMigrationEntry is make_writable_migration_entry, include/linux/swapops.h; the kernel's argument is an offset.
func MakeWritableMigrationEntry(page *Page) SwpEntryT { return SwpEntryT{SwpMigrationWrite, page} }

// MakeReadableMigrationEntry is make_readable_migration_entry, include/linux/swapops.h; the kernel's argument is an offset.
func MakeReadableMigrationEntry(page *Page) SwpEntryT { return SwpEntryT{SwpMigrationRead, page} }

// MakeReadableExclusiveMigrationEntry is make_readable_exclusive_migration_entry, include/linux/swapops.h (v5.19): of a page that is
// mapped read-only, and that only one process has; the kernel's argument is an offset.
func MakeReadableExclusiveMigrationEntry(page *Page) SwpEntryT {
	return SwpEntryT{SwpMigrationReadExclusive, page}
}

// IsReadableMigrationEntry is is_readable_migration_entry, include/linux/swapops.h.
func IsReadableMigrationEntry(entry SwpEntryT) bool { return entry.Type == SwpMigrationRead }

// PfnSwapEntryToPage is pfn_swap_entry_to_page, include/linux/swapops.h: the page that migrates.
func PfnSwapEntryToPage(entry SwpEntryT) *Page { return entry.Page }

// PteSwpMkexclusive is pte_swp_mkexclusive, include/linux/pgtable.h (v5.19): the swap entry of a page that only one process has.
func PteSwpMkexclusive(pte PteT) PteT {
	pte.Prot |= PageSwpExclusive
	return pte
}

// PteSwpClearExclusive is pte_swp_clear_exclusive, include/linux/pgtable.h (v5.19): the swap entry of a page that several processes
// may have.
func PteSwpClearExclusive(pte PteT) PteT {
	pte.Prot &^= PageSwpExclusive
	return pte
}

// PteSwpExclusive is pte_swp_exclusive, include/linux/pgtable.h (v5.19).
func PteSwpExclusive(pte PteT) bool { return pte.Prot&PageSwpExclusive != 0 }
