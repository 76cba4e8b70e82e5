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
