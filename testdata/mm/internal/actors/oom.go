package actors

import . "github.com/mmvet/mmvet/kernelshim"

// OomReapTaskMm frees the memory, unless exit_mmap has done so.
//
//mm:port oom_reap_task_mm mm/oom_kill.c v5.17
func OomReapTaskMm(tsk *TaskStruct, mm *MmStruct) bool {
	if !MmapReadTrylock(mm) {
		return false
	}
	ret := true
	// Under the lock: exit_mmap may have set it meanwhile.
	if !TestBit(MmfOomSkip, &mm.Flags) {
		ret = OomReapMm(mm)
	}
	MmapReadUnlock(mm)
	return ret
}

// OomReapMm is __oom_reap_task_mm, mm/oom_kill.c (v5.17): unmaps all private memory.
func OomReapMm(mm *MmStruct) bool {
	ret := true
	SetBit(MmfUnstable, &mm.Flags)
	for vma := mm.Mmap.Get(); vma != nil; vma = vma.VmNext.Get() {
		// can_madv_lru_vma, mm/internal.h
		flags := vma.VmFlags.Get()
		if flags&(VmLocked|VmHugetlb|VmPfnmap) != 0 {
			continue
		}
		if VmaIsAnonymous(vma) || flags&VmShared == 0 {
			ret = oomReapVma(mm, vma) && ret
		}
	}
	return ret
}

func oomReapVma(mm *MmStruct, vma *VmAreaStruct) bool {
	var r MmuNotifierRange
	var tlb MmuGather
	MmuNotifierRangeInit(&r, MmuNotifyUnmap, 0, mm, vma.VmStart.Get(), vma.VmEnd.Get())
	TlbGatherMmu(&tlb, mm)
	if MmuNotifierInvalidateRangeStartNonblock(&r) != 0 {
		TlbFinishMmu(&tlb)
		return false
	}
	UnmapPageRange(&tlb, vma, r.Start, r.End)
	MmuNotifierInvalidateRangeEnd(&r)
	TlbFinishMmu(&tlb)
	return true
}

// ProcessMrelease frees the memory of a process that is dying: the system call. It keeps the struct of the mm, not its users.
//
//mm:port process_mrelease mm/oom_kill.c v5.17
func ProcessMrelease(task *TaskStruct) int {
	p := FindLockTaskMm(task)
	if p == nil {
		return -ESRCH
	}
	mm := p.Mm.Get()
	Mmgrab(mm)
	TaskUnlock(p)
	ret := 0
	if MmapReadLockKillable(mm) != 0 {
		ret = -EINTR
	} else {
		// Under the lock: exit_mmap may have set it meanwhile.
		if !TestBit(MmfOomSkip, &mm.Flags) && !OomReapMm(mm) {
			ret = -EAGAIN
		}
		MmapReadUnlock(mm)
	}
	Mmdrop(mm)
	return ret
}
