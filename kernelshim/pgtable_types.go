package kernelshim

// The geometry of page tables. Tables are as small as they can be and still have neighbours, so that a scenario does not
// walk 512 entries; no rule depends on the numbers. Levels above the PMD are folded into one, as on a machine with three
// levels (include/asm-generic/pgtable-nopud.h): the mm holds that top table.
const (
	PageShift     = 12 // PAGE_SHIFT
	PageSize      = 1 << PageShift
	PtrsPerPte    = 2 // PTRS_PER_PTE, 512 on x86
	PmdShift      = PageShift + 1
	PmdSize       = 1 << PmdShift
	PmdMask       = ^uint64(PmdSize - 1)
	PtrsPerPmd    = 2
	PudShift      = PmdShift + 1
	PudSize       = 1 << PudShift
	PtrsPerPgd    = 2
	HpagePmdSize  = PmdSize // HPAGE_PMD_SIZE, include/linux/huge_mm.h
	HpagePmdMask  = PmdMask
	HpagePmdNr    = PtrsPerPte // pages in a huge page
	HpagePmdOrder = 1
)

// A Ptdesc is struct ptdesc, include/linux/mm_types.h (before v6.6 part of struct page): a page that is a page table, of
// PTEs or of PMDs. Its spinlock protects its entries and dies with it.
type Ptdesc struct {
	Object
	PtMm *MmStruct // whose table it is
	Ptl  Spinlock
	Pte  []Word[PteT] // a table of PTEs
	Pmd  []Word[PmdT] // a table of PMDs

	PmdHugePte []Word[PgtableT] // of a table of PMDs: what is deposited with huge entries; the kernel has one list for all
}

// A PgtableT is pgtable_t, arch/x86/include/asm/pgtable_types.h: a page table of PTEs.
type PgtableT = *Ptdesc

// A PgprotT is pgprot_t, arch/x86/include/asm/pgtable_types.h: the bits of an entry beside what it points to.
type PgprotT uint8

// Bits of an entry: _PAGE_RW and so on, arch/x86/include/asm/pgtable_types.h.
const (
	PageRw PgprotT = 1 << iota
	PageDirty
	PageAccessed
	PageProtnone
	PageUffdWp
	PageSwpExclusive // of a swap entry: only one process has the page
	PageSpecial      // maps a page that is not managed as others: the zero page
)

// A PteT is pte_t: the value of an entry in a table of PTEs. The entry is a *Word[PteT]: *pte is pte.Get().
type PteT struct {
	Page *Page // nil: none, or swapped out
	Prot PgprotT
	Swp  SwpEntryT
}

// A SwpEntryT is swp_entry_t, include/linux/mm_types.h: what a PTE that is not present says about its page.
type SwpEntryT struct {
	Type SwpType
	Page *Page // the page that migrates, or that is in the swap cache
}

// A SwpType is the type of a swap entry: swp_type, include/linux/swapops.h.
type SwpType uint8

// The types: SWP_MIGRATION_READ and so on, include/linux/swap.h.
const (
	SwpNone SwpType = iota
	SwpSwap         // in a swap slot, and as long as the scenario lasts in the swap cache
	SwpMigrationRead
	SwpMigrationReadExclusive
	SwpMigrationWrite
)

// A PmdT is pmd_t: the value of an entry in a table of PMDs: none, a leaf that maps a huge page, or a table of PTEs.
type PmdT struct {
	Page  *Page
	Table *Ptdesc
	Prot  PgprotT
}

// A PudT is pud_t: the value of an entry in the top table: none, or a table of PMDs.
type PudT struct{ Table *Ptdesc }

// A P4dT is p4d_t, folded: the same entry as the PUD.
type P4dT = PudT

// A PgdT is pgd_t, folded: the same entry as the PUD.
type PgdT = PudT

// String describes the entry in traces.
func (v PteT) String() string {
	switch {
	case v.Swp.Type == SwpSwap && v.Prot&PageSwpExclusive != 0:
		return "swapped out " + v.Swp.Page.String() + " exclusive"
	case v.Swp.Type == SwpSwap:
		return "swapped out " + v.Swp.Page.String()
	case v.Swp.Type == SwpMigrationRead:
		return "migrates " + v.Swp.Page.String() + " R/O"
	case v.Swp.Type == SwpMigrationReadExclusive:
		return "migrates " + v.Swp.Page.String() + " R/O exclusive"
	case v.Swp.Type != SwpNone:
		return "migrates " + v.Swp.Page.String()
	case v.Page == nil:
		return "none"
	case v.Prot&PageProtnone != 0:
		return "maps " + v.Page.String() + " PROT_NONE"
	case v.Prot&PageRw == 0:
		return "maps " + v.Page.String() + " R/O"
	}
	return "maps " + v.Page.String()
}

// String describes the entry in traces.
func (v PmdT) String() string {
	switch {
	case v.Table != nil:
		return "table " + v.Table.String()
	case v.Page != nil:
		return "maps huge " + v.Page.String()
	}
	return "none"
}

// String describes the entry in traces.
func (v PudT) String() string {
	if v.Table == nil {
		return "none"
	}
	return "table " + v.Table.String()
}

// PteNone is pte_none, arch/x86/include/asm/pgtable.h.
func PteNone(pte PteT) bool { return pte == PteT{} }

// PtePresent is pte_present: maps a page.
func PtePresent(pte PteT) bool { return pte.Page != nil }

// PteSame is pte_same.
func PteSame(a, b PteT) bool { return a == b }

// PteWrite is pte_write.
func PteWrite(pte PteT) bool { return pte.Prot&PageRw != 0 }

// PteDirty is pte_dirty.
func PteDirty(pte PteT) bool { return pte.Prot&PageDirty != 0 }

// PteWrprotect is pte_wrprotect: the entry without the right to write.
func PteWrprotect(pte PteT) PteT {
	pte.Prot &^= PageRw
	return pte
}

// PteModify is pte_modify, arch/x86/include/asm/pgtable.h: the entry with other permissions.
func PteModify(pte PteT, newprot PgprotT) PteT {
	const permissions = PageRw | PageProtnone
	pte.Prot = pte.Prot&^permissions | newprot
	return pte
}

// PteMkwrite is pte_mkwrite: the entry with the right to write.
func PteMkwrite(pte PteT) PteT {
	pte.Prot |= PageRw
	return pte
}

// PteProtnone is pte_protnone: the hardware must not use it, so that the next access tells who uses the page.
func PteProtnone(pte PteT) bool { return pte.Prot&PageProtnone != 0 }

// PtePage is pte_page: what the entry maps.
func PtePage(pte PteT) *Page { return pte.Page }

// MkPte is mk_pte, include/linux/mm.h: an entry that maps the page.
func MkPte(page *Page, prot PgprotT) PteT { return PteT{Page: page, Prot: prot} }

// VmNormalPage is vm_normal_page, mm/memory.c: the page that the entry maps; nil if it is special. Of an entry that is not present it
// makes a page number of what is none.
func VmNormalPage(vma *VmAreaStruct, addr uint64, pte PteT) *Page {
	BugOn(!PtePresent(pte), "vm_normal_page of an entry that is not present")
	if pte.Prot&PageSpecial != 0 {
		return nil
	}
	return pte.Page
}

// PmdNone is pmd_none.
func PmdNone(pmd PmdT) bool { return pmd == PmdT{} }

// PmdPresent is pmd_present: a leaf or a table.
func PmdPresent(pmd PmdT) bool { return pmd.Page != nil || pmd.Table != nil }

// PmdTransHuge is pmd_trans_huge: maps a huge page.
func PmdTransHuge(pmd PmdT) bool { return pmd.Page != nil }

// PmdLeaf is pmd_leaf: maps a huge page.
func PmdLeaf(pmd PmdT) bool { return pmd.Page != nil }

// PmdBad is pmd_bad: neither none nor a table.
func PmdBad(pmd PmdT) bool { return pmd.Table == nil }

// PmdSame is pmd_same.
func PmdSame(a, b PmdT) bool { return a == b }

// PmdPage is pmd_page of a leaf: the huge page that it maps.
func PmdPage(pmd PmdT) *Page { return pmd.Page }

// PmdPgtable is pmd_pgtable: the table that the entry points to.
func PmdPgtable(pmd PmdT) PgtableT { return pmd.Table }

// MkHugePmd is mk_huge_pmd, include/linux/huge_mm.h: an entry that maps a huge page.
func MkHugePmd(page *Page, prot PgprotT) PmdT { return PmdT{Page: page, Prot: prot} }

// PudNone is pud_none.
func PudNone(pud PudT) bool { return pud.Table == nil }

// PudPresent is pud_present.
func PudPresent(pud PudT) bool { return pud.Table != nil }
