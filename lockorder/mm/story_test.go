package mm_test

import (
	"slices"
	"testing"
)

// retract61 is collapse_pte_mapped_thp and collapse_and_free_pmd of v6.1, with the locks taken by lines that a test drops.
const retract61 = `
	mmap_write_lock(mm)
	vma = find_vma(mm, addr)
	assume vma
	folio_lock(folio)
	i_mmap_lock_write(vma.vm_file.f_mapping)
	assume vma.vm_file
	anon_vma_lock_write(vma.anon_vma)
	assume vma.anon_vma
	collapse_and_free_pmd(mm, vma, addr, pmd)
	mmu_notifier_range_init(range, E, F, mm, start, end)
	mmu_notifier_invalidate_range_start(range)
	old = pmdp_collapse_flush(vma, addr, pmd)
	tlb_remove_table_sync_one()
	mmu_notifier_invalidate_range_end(range)
	mm_dec_nr_ptes(mm)
	pte_free(mm, table)
	anon_vma_unlock_write(vma.anon_vma)
	i_mmap_unlock_write(vma.vm_file.f_mapping)
	folio_unlock(folio)
	mmap_write_unlock(mm)
`

// retract66 is retract_page_tables of v6.6 for one VMA.
const retract66 = `
	i_mmap_lock_read(mapping)
	vma = vma_interval_tree_iter_first(mapping, 0, 1)
	assume vma
	mmu_notifier_range_init(range, E, F, vma.vm_mm, start, end)
	mmu_notifier_invalidate_range_start(range)
	pml = pmd_lock(vma.vm_mm, pmd)
	ptl = pte_lockptr(vma.vm_mm, pmd)
	spin_lock_nested(ptl, 1)
	assume !vma.anon_vma
	old = pmdp_collapse_flush(vma, addr, pmd)
	pmdp_get_lockless_sync()
	spin_unlock(ptl)
	spin_unlock(pml)
	mmu_notifier_invalidate_range_end(range)
	pte_free_defer(vma.vm_mm, table)
	i_mmap_unlock_read(mapping)
`

// stories are paths of the kernel and their bugs, and the rules that they break.
var stories = []struct {
	name, release, script string
	want                  []string
}{
	{"collapse of v6.1", "v6.1", retract61, nil},
	{"no i_mmap_rwsem", "v6.1", drop(retract61, "i_mmap_lock_write", "i_mmap_unlock_write"), []string{
		"collapse_and_free_pmd: lockheld", "pmdp_collapse_flush: op",
	}},
	{"no anon_vma lock", "v6.1", drop(retract61, "anon_vma_lock_write", "anon_vma_unlock_write"), []string{
		"collapse_and_free_pmd: lockheld", "pmdp_collapse_flush: op",
	}},
	{"no notifier", "v6.1", drop(retract61, "_range_start", "_range_end"), []string{"pmdp_collapse_flush: op"}},
	{"no IPI", "v6.1", drop(retract61, "tlb_remove_table_sync_one"), []string{"pte_free: duty"}},
	{"retract of v6.6", "v6.6", retract66, nil},
	{"retract of v6.6 without ptl", "v6.6", drop(retract66, "spin_lock_nested", "spin_unlock(ptl)"), []string{
		"pmdp_collapse_flush: op",
	}},
	{"retract of v6.6 without the second look", "v6.6", drop(retract66, "assume !vma.anon_vma"), []string{
		"pmdp_collapse_flush: op",
	}},
	{"retract of v6.6, on v6.1", "v6.1", drop(retract66, "pte_free_defer", "pmdp_get_lockless_sync"), []string{
		"pmdp_collapse_flush: op",
	}},
	{"collapse_huge_page of v6.12", "v6.12", `
		mmap_write_lock(mm)
		vma = find_vma(mm, addr)
		assume vma
		assume !vma.vm_file
		vma_start_write(vma)
		anon_vma_lock_write(vma.anon_vma)
		mmu_notifier_range_init(range, E, F, mm, start, end)
		mmu_notifier_invalidate_range_start(range)
		pml = pmd_lock(mm, pmd)
		old = pmdp_collapse_flush(vma, addr, pmd)
		spin_unlock(pml)
		mmu_notifier_invalidate_range_end(range)
		tlb_remove_table_sync_one()
		anon_vma_unlock_write(vma.anon_vma)
		pml = pmd_lock(mm, pmd)
		pmd_populate(mm, pmd, table)
		spin_unlock(pml)
		mmap_write_unlock(mm)`, nil},
	{"a VMA is locked twice, and never unlocked", "v6.6", `
		mmap_write_lock(mm)
		vma_start_write(vma)
		vm_flags_set(vma, F)
		mmap_write_unlock(mm)`, []string{"vma_start_write: lockheld", "vm_flags_set: lockheld"}},
	{"the same, with a VMA of this mm", "v6.6", `
		mmap_write_lock(mm)
		vma = find_vma(mm, addr)
		vma_start_write(vma)
		vm_flags_set(vma, F)
		mmap_write_unlock(mm)`, nil},
	{"a VMA write lock ends with the downgrade", "v6.6", `
		mmap_write_lock(mm)
		vma = find_vma(mm, addr)
		vma_start_write(vma)
		mmap_write_downgrade(mm)
		vma_assert_write_locked(vma)
		mmap_read_unlock(mm)`, []string{"vma_assert_write_locked: lockheld"}},
	{"flags under the read lock", "v6.6", `
		mmap_read_lock(mm)
		vma = find_vma(mm, addr)
		vm_flags_set(vma, F)
		mmap_read_unlock(mm)`, []string{"vm_flags_set: lockheld"}},
	{"expand_stack gives the lock back or not", "v6.5", `
		mmap_read_lock(mm)
		vma = expand_stack(mm, addr)
		assume !vma`, nil},
	{"expand_stack of v6.5, lock forgotten", "v6.5", `
		mmap_read_lock(mm)
		vma = expand_stack(mm, addr)
		assume vma`, []string{"end: lockbalance"}},
	{"a fault that retries", "v6.12", `
		mmap_read_lock(mm)
		vma = find_vma(mm, addr)
		assume vma
		ret = handle_mm_fault(vma, addr, 0, regs)
		mmap_read_unlock(mm)`, []string{"mmap_read_unlock: unheld"}},
	{"mmap under a VMA read lock", "v6.12", `
		vma = lock_vma_under_rcu(mm, addr)
		assume vma
		mmap_read_lock(mm)
		mmap_read_unlock(mm)
		vma_end_read(vma)`, []string{"mmap_read_lock: lockorder"}},
	{"the same by trylock", "v6.12", `
		vma = lock_vma_under_rcu(mm, addr)
		assume vma
		ok = mmap_read_trylock(mm)
		assume ok
		mmap_read_unlock(mm)
		vma_end_read(vma)`, nil},
	{"mmap under imap by trylock", "v6.1", `
		i_mmap_lock_write(mapping)
		ok = mmap_write_trylock(mm)
		assume ok
		mmap_write_unlock(mm)
		i_mmap_unlock_write(mapping)`, nil},
	{"imap of a hugetlb file under the folio lock", "v6.12", `
		folio = filemap_lock_hugetlb_folio(h, mapping, idx)
		assume folio
		i_mmap_lock_read(mapping)
		i_mmap_unlock_read(mapping)
		folio_unlock(folio)`, []string{"i_mmap_lock_read: lockorder"}},
	{"imap under the lock of a normal folio", "v6.12", `
		folio_lock(folio)
		i_mmap_lock_read(mapping)
		i_mmap_unlock_read(mapping)
		folio_unlock(folio)`, nil},
	{"fork locks the child nested", "v6.12", `
		mmap_write_lock(oldmm)
		mmap_write_lock_nested(mm, 1)
		mmap_write_unlock(mm)
		mmap_write_unlock(oldmm)`, nil},
	{"two mms, not nested", "v6.12", `
		mmap_write_lock(oldmm)
		mmap_write_lock(mm)
		mmap_write_unlock(mm)
		mmap_write_unlock(oldmm)`, []string{"mmap_write_lock: locknesting"}},
	{"sleeping under a page-table lock", "v6.12", `
		mmap_read_lock(mm)
		pte, ptl = pte_offset_map_lock(mm, pmd, addr)
		assume pte
		cond_resched()
		pte_unmap_unlock(pte, ptl)
		mmap_read_unlock(mm)`, []string{"cond_resched: atomicsleep"}},
	{"two tables unmapped in the wrong order", "v6.12", `
		a = pte_offset_map(pmd1, addr)
		assume a
		b = pte_offset_map(pmd2, addr)
		assume b
		pte_unmap(a)
		pte_unmap(b)`, []string{"pte_unmap: notifierpair"}},
	{"zap without a flush", "v6.12", `
		mmap_read_lock(mm)
		vma = find_vma(mm, addr)
		assume vma
		pte, ptl = pte_offset_map_lock(mm, pmd, addr)
		assume pte
		old = ptep_clear_flush(vma, addr, pte)
		pte_unmap_unlock(pte, ptl)
		mmap_read_unlock(mm)`, nil},
	{"clear without the page-table lock", "v6.12", `
		mmap_read_lock(mm)
		vma = find_vma(mm, addr)
		assume vma
		old = ptep_clear_flush(vma, addr, pte)
		mmap_read_unlock(mm)`, []string{"ptep_clear_flush: op"}},
	{"mremap moves a table with all locks", "v6.12", `
		mmap_write_lock(mm)
		vma = find_vma(mm, addr)
		assume vma
		vma_start_write(vma)
		take_rmap_locks(vma)
		ok = move_normal_pmd(vma, addr, to, old_pmd, new_pmd)
		drop_rmap_locks(vma)
		mmap_write_unlock(mm)`, nil},
	{"mremap moves a table without the reverse map", "v6.12", `
		mmap_write_lock(mm)
		vma = find_vma(mm, addr)
		assume vma
		vma_start_write(vma)
		ok = move_normal_pmd(vma, addr, to, old_pmd, new_pmd)
		mmap_write_unlock(mm)`, []string{"move_normal_pmd: lockheld"}},
	{"fork's pin test outside the section", "v6.12", `
		mmap_write_lock(mm)
		vma = find_vma(mm, addr)
		assume vma
		raw_write_seqcount_begin(mm.write_protect_seq)
		need = folio_needs_cow_for_dma(vma, folio)
		raw_write_seqcount_end(mm.write_protect_seq)
		need = folio_needs_cow_for_dma(vma, folio)
		mmap_write_unlock(mm)`, []string{"folio_needs_cow_for_dma: lockheld"}},
	{"GUP-fast with irqs on", "v6.12", `
		gup_fast_pgd_range(addr, end, flags, pages, nr)`, []string{"gup_fast_pgd_range: lockheld", "gup_fast_pgd_range: op"}},
	{"close takes mmap", "v6.12", `
		mmap_write_lock(mm)
		vma = find_vma(mm, addr)
		vm_operations_struct.close(vma)
		mmap_read_lock(mm)
		mmap_read_unlock(mm)
		mmap_write_unlock(mm)`, []string{"mmap_read_lock: doublelock", "mmap_write_unlock: unheld"}},
	{"exit frees tables of unlinked VMAs", "v6.12", `
		mmap_write_lock(mm)
		vma = find_vma(mm, addr)
		assume vma
		tlb_gather_mmu_fullmm(tlb, mm)
		unlink_anon_vmas(vma)
		unlink_file_vma(vma)
		free_pgd_range(tlb, addr, end, floor, ceiling)
		tlb_finish_mmu(tlb)
		mmap_write_unlock(mm)`, nil},
	{"a notifier that is not ended", "v6.12", `
		mmu_notifier_range_init(range, E, F, mm, start, end)
		mmu_notifier_invalidate_range_start(range)`, []string{"end: lockbalance"}},
	{"a nonblocking notifier that fails", "v6.12", `
		mmu_notifier_range_init(range, E, F, mm, start, end)
		ret = mmu_notifier_invalidate_range_start_nonblock(range)
		assume ret`, nil},
	{"munmap downgrades, and frees under the read lock", "v6.12", `
		mmap_write_lock(mm)
		vma = find_vma(mm, addr)
		assume vma
		vma_start_write(vma)
		mmap_write_downgrade(mm)
		tlb_gather_mmu(tlb, mm)
		unmap_vmas(tlb, mas, vma, start, end, tree_end, 0)
		free_pgtables(tlb, mas, vma, floor, ceiling, 0)
		tlb_finish_mmu(tlb)
		mmap_read_unlock(mm)`, nil},
	{"all locks of an mm", "v6.12", `
		mmap_write_lock(mm)
		ret = mm_take_all_locks(mm)
		assume !ret
		i_mmap_lock_write(mapping1)
		i_mmap_lock_write(mapping2)
		anon_vma_lock_write(anon1)
		anon_vma_lock_write(anon2)
		anon_vma_unlock_write(anon1)
		anon_vma_unlock_write(anon2)
		i_mmap_unlock_write(mapping1)
		i_mmap_unlock_write(mapping2)
		mm_drop_all_locks(mm)
		mmap_write_unlock(mm)`, nil},
	{"two mappings without them", "v6.12", `
		i_mmap_lock_write(mapping1)
		i_mmap_lock_write(mapping2)
		i_mmap_unlock_write(mapping1)
		i_mmap_unlock_write(mapping2)`, []string{"i_mmap_lock_write: locknesting"}},
	{"unshare flushes before imap goes", "v6.12", `
		mmap_read_lock(mm)
		vma = find_vma(mm, addr)
		assume vma
		hugetlb_vma_lock_write(vma)
		i_mmap_lock_write(vma.vm_file.f_mapping)
		ptl = huge_pte_lock(h, mm, ptep)
		ret = huge_pmd_unshare(mm, vma, addr, ptep)
		assume ret
		spin_unlock(ptl)
		flush_tlb_range(vma, start, end)
		i_mmap_unlock_write(vma.vm_file.f_mapping)
		hugetlb_vma_unlock_write(vma)
		mmap_read_unlock(mm)`, nil},
	{"unshare flushes too late", "v6.12", `
		mmap_read_lock(mm)
		vma = find_vma(mm, addr)
		assume vma
		hugetlb_vma_lock_write(vma)
		i_mmap_lock_write(vma.vm_file.f_mapping)
		ptl = huge_pte_lock(h, mm, ptep)
		ret = huge_pmd_unshare(mm, vma, addr, ptep)
		assume ret
		spin_unlock(ptl)
		i_mmap_unlock_write(vma.vm_file.f_mapping)
		flush_tlb_range(vma, start, end)
		hugetlb_vma_unlock_write(vma)
		mmap_read_unlock(mm)`, []string{"i_mmap_unlock_write: duty"}},
	{"a migration of a hugetlb file folio keeps imap", "v6.19", `
		folio_lock(src)
		ok = folio_trylock(dst)
		assume ok
		mapping = hugetlb_folio_mapping_lock_write(src)
		assume mapping
		try_to_migrate(src, TTU)
		i_mmap_unlock_write(mapping)
		folio_unlock(dst)
		folio_unlock(src)`, nil},
	{"userfaultfd moves between two VMAs", "v6.12", `
		ret, dst, src = uffd_move_lock(mm, to, from)
		assume !ret
		vma_assert_locked(dst)
		vma_assert_locked(src)
		uffd_move_unlock(dst, src)`, nil},
	{"a walk of the reverse map", "v6.12", `
		folio_lock(folio)
		anon_vma = folio_lock_anon_vma_read(folio, rwc)
		assume anon_vma
		avc = anon_vma_interval_tree_iter_first(anon_vma, first, last)
		assume avc
		ret = try_to_unmap_one(folio, avc.vma, addr, arg)
		same pvmw.vma avc.vma
		more = page_vma_mapped_walk(pvmw)
		assume more
		old = ptep_clear_flush(avc.vma, addr, pvmw.pte)
		again = page_vma_mapped_walk(pvmw)
		assume !again
		cond_resched()
		anon_vma_unlock_read(anon_vma)
		folio_unlock(folio)`, nil},
	{"a walk of the reverse map sleeps under the page-table lock", "v6.12", `
		i_mmap_lock_read(pvmw.vma.vm_file.f_mapping)
		more = page_vma_mapped_walk(pvmw)
		assume more
		cond_resched()
		page_vma_mapped_walk_done(pvmw)
		i_mmap_unlock_read(pvmw.vma.vm_file.f_mapping)`, []string{"cond_resched: atomicsleep"}},
	{"a walk of the reverse map without its lock", "v6.12", `
		folio_lock(folio)
		ret = try_to_unmap_one(folio, vma, addr, arg)
		folio_unlock(folio)`, []string{"try_to_unmap_one: lockheld"}},
	{"fork under the sequence count sleeps", "v6.12", `
		mmap_write_lock(mm)
		raw_write_seqcount_begin(mm.write_protect_seq)
		cond_resched()
		raw_write_seqcount_end(mm.write_protect_seq)
		mmap_write_unlock(mm)`, nil},
	{"a policy is replaced under mmap alone", "v6.5", `
		mmap_write_lock(mm)
		vma = find_vma(mm, addr)
		err = vma_replace_policy(vma, pol)
		mmap_write_unlock(mm)`, []string{"vma_replace_policy: lockheld"}},
	{"the same before there was a VMA lock", "v6.3", `
		mmap_write_lock(mm)
		vma = find_vma(mm, addr)
		err = vma_replace_policy(vma, pol)
		mmap_write_unlock(mm)`, nil},
	{"a spinlock is left locked on an error path", "v6.12", `
		spin_lock(khugepaged_mm_lock)`, []string{"end: lockbalance"}},
}

// TestStories runs the contract with the one transition function over paths of the kernel and their bugs.
func TestStories(t *testing.T) {
	for _, test := range stories {
		t.Run(test.name, func(t *testing.T) {
			if got := run(t, at(t, test.release), test.script); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
