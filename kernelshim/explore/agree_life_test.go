package explore

import . "github.com/mmvet/mmvet/kernelshim"

// lifeScenes are about what keeps tasks, address spaces and VMAs.
var lifeScenes = []scene{
	{name: "task_lock", rival: func(s *stage) {
		TaskLock(s.task)
		s.task.Mm.Set(nil)
		TaskUnlock(s.task)
	}, task: func(s *stage) {
		if p := FindLockTaskMm(s.task); p != nil {
			TaskUnlock(p)
		}
		TaskLock(s.task)
		TaskUnlock(s.task)
	}, want: map[string]string{
		"find_lock_task_mm": " | task_lock(task0) write", "task_lock": "task_lock(task0) write", "task_unlock": none,
	}},
	{name: "lru", rival: func(s *stage) {
		ClearBit(PgLru, &s.anonPage.Folio.PgFlags)
	}, task: func(s *stage) {
		folio := PageFolio(s.anonPage)
		if FolioTestClearLru(folio) {
			UnlockPageLruvecIrq(FolioLruvecLockIrq(folio))
			FolioSetLru(folio)
		}
	}, want: map[string]string{
		"folio_test_clear_lru": " | pg_lru", "folio_set_lru": none,
		"folio_lruvec_lock_irq": "irq, lru_lock(lruvec0) write, pg_lru", "unlock_page_lruvec_irq": "pg_lru",
	}},
	{name: "pmd_trans_huge_lock", rival: func(s *stage) {
		WriteOnce(MmFindPmd(s.mm, 2*HpagePmdSize), PmdT{})
	}, task: func(s *stage) {
		MmapReadLock(s.mm)
		if ptl := PmdTransHugeLock(MmFindPmd(s.mm, 2*HpagePmdSize), s.anon); ptl != nil {
			SpinUnlock(ptl)
		}
		MmapReadUnlock(s.mm)
	}, want: map[string]string{
		"pmd_trans_huge_lock": "mmap(mm0) read | mmap(mm0) read, pml(pmd_table1.pmd[0]) write",
	}},
	{name: "unlink", task: func(s *stage) {
		MmapWriteLock(s.mm)
		UnlinkAnonVmas(s.anon)
		UnlinkFileVma(s.vma)
		MmapWriteUnlock(s.mm)
	}, want: map[string]string{
		"unlink_anon_vmas": mmapWritten + ", unlinked_from_avma", "unlink_file_vma": mmapWritten + ", unlinked_from_avma, unlinked_from_imap",
	}},
	{name: "vm_area_free", task: func(s *stage) {
		VmAreaFree(s.anon)
	}, want: map[string]string{"vm_area_free": none}},
}
