// Package earlytest is the OOM reaper with its test in the wrong place.
//
//mm:kernel v5.17
package earlytest

import (
	. "github.com/mmvet/mmvet/kernelshim"
	"github.com/mmvet/mmvet/testdata/mm/internal/actors"
)

// OomReapTaskMm is oom_reap_task_mm with the test of MMF_OOM_SKIP before it has mmap_lock: exit_mmap may set it, take
// and give back the lock, and go on to free, in between.
//
//mm:port oom_reap_task_mm mm/oom_kill.c v5.17
func OomReapTaskMm(tsk *TaskStruct, mm *MmStruct) bool {
	if TestBit(MmfOomSkip, &mm.Flags) {
		return true
	}
	if !MmapReadTrylock(mm) {
		return false
	}
	ret := actors.OomReapMm(mm)
	MmapReadUnlock(mm)
	return ret
}
