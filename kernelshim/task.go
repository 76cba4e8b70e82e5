package kernelshim

// A TaskStruct is struct task_struct, include/linux/sched.h, as far as it leads to an mm: a process of one thread.
type TaskStruct struct {
	Object
	AllocLock Spinlock
	Mm        Word[*MmStruct] // nil once the process has exited
}

// TaskLock is task_lock, include/linux/sched/task.h: keeps the task's mm. Acquire. Does not sleep.
func TaskLock(p *TaskStruct) {
	defer enter("task_lock", p).leave()
	SpinLock(&p.AllocLock)
}

// TaskUnlock is task_unlock, include/linux/sched/task.h. Release.
func TaskUnlock(p *TaskStruct) {
	defer enter("task_unlock", p).leave()
	SpinUnlock(&p.AllocLock)
}

// FindLockTaskMm is find_lock_task_mm, mm/oom_kill.c: the thread that still has the mm, with task_lock held, or nil.
// Acquire. Does not sleep.
func FindLockTaskMm(p *TaskStruct) *TaskStruct {
	c := enter("find_lock_task_mm", p)
	SpinLock(&p.AllocLock)
	if p.Mm.Get() != nil {
		return leave(c, p)
	}
	SpinUnlock(&p.AllocLock)
	return leave[*TaskStruct](c, nil)
}

// CondResched is cond_resched, include/linux/sched.h: may sleep, hence must not be called in atomic context. Takes no step.
func CondResched() { enter("cond_resched").leave() }
