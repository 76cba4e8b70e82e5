package actors

import . "github.com/mmvet/mmvet/kernelshim"

// RemoveMigrationPtes is remove_migration_ptes, mm/migrate.c (v5.18): maps dst wherever the entry says that src migrates. Both
// are locked, and dst has taken the place of src in the reverse map.
func RemoveMigrationPtes(src, dst *Folio, cpu *Cpu) {
	RmapWalk(dst, &RmapWalkControl{RmapOne: RemoveMigrationPte, Arg: migration{src, cpu}})
}

type migration struct {
	src *Folio
	cpu *Cpu
}

// RemoveMigrationPte looks at one VMA.
//
//mm:port remove_migration_pte mm/migrate.c v5.18
func RemoveMigrationPte(dst *Folio, vma *VmAreaStruct, addr uint64, arg any) bool {
	m := arg.(migration)
	pvmw := PageVmaMappedWalkState{Folio: m.src, Vma: vma, Address: addr, Flags: PvmwMigration}
	for PageVmaMappedWalk(&pvmw) {
		page := FolioPage(dst, 0)
		FolioGet(dst)
		prot := PgprotT(0)
		if IsWritableMigrationEntry(PteToSwpEntry(PtepGet(pvmw.Pte))) {
			prot = PageRw
		}
		if FolioTestAnon(dst) {
			PageAddAnonRmap(page, vma, pvmw.Address)
		} else {
			PageAddFileRmap(page, vma, false)
		}
		if FolioTestAnon(dst) && !IsReadableMigrationEntry(PteToSwpEntry(PtepGet(pvmw.Pte))) {
			setExclusive(page) // RMAP_EXCLUSIVE
		}
		MlockVmaFolio(dst, vma, m.cpu)
		SetPteAt(vma.VmMm, pvmw.Address, pvmw.Pte, MkPte(page, prot))
		if vma.VmFlags.Get()&VmLocked != 0 {
			LruAddDrain(m.cpu) // mlock_page_drain_local
		}
	}
	return true
}
