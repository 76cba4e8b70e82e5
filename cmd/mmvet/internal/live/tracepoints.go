package live

// The probes that more than one site shares.
var (
	acquireReturned = Probe{Tracepoint, "mmap_lock_acquire_returned"}
	released        = Probe{Tracepoint, "mmap_lock_released"}
	treeWrite       = Probe{Tracepoint, "ma_write"}
	visit           = Probe{Iterator, "task_vma"}
	callQueued      = Probe{RawTracepoint, "csd_queue_cpu"}
)

var (
	mmArg   = Arg{Root: "mm", Type: "mm_struct", From: FromArg}
	ownMM   = Arg{Root: "mm", Type: "mm_struct", From: FromMM}
	tracked = Arg{Root: "mm", Type: "mm_struct", From: FromTracked}
)

// Sites returns what is seen at tracepoints and by iterators, in the order in which a program looks at the sites of its probe.
// It states no rule: it says at which moment which function, operation or access of the contract happens, and on what.
func Sites() []*Site {
	return append(lockSites(), append(treeSites(), slowSites()...)...)
}

func lockSites() []*Site {
	mm := []Arg{mmArg}
	return []*Site{
		{
			Name: "mmap_write_lock", Probe: acquireReturned, Args: mm, When: []Guard{IfWrite, IfSuccess}, Track: TakeWrite, Sampled: true,
			Says: []Say{
				returned("mmap_write_lock"), happens("does take_mmap(mm)"), happens("does write_dying(mm)"),
				invariant("mm_lock_seq", "mm"), invariant("write_protect_seq", "mm"), effects("mmap_write_lock"),
			},
			Means: "mmap has been taken for writing",
		},
		{
			Name: "mmap_write_downgrade", Probe: acquireReturned, Args: mm, When: []Guard{IfRead, IfSuccess, IfDowngrade}, Track: Downgrade,
			Sampled: true, Says: []Say{entry("mmap_write_downgrade"), invariant("write_protect_seq", "mm"), effects("mmap_write_downgrade")},
			Means: "mmap is about to be downgraded: the event precedes the effect",
		},
		{
			Name: "mmap_read_lock", Probe: acquireReturned, Args: mm, When: []Guard{IfRead, IfSuccess, UnlessDown}, Track: TakeRead, Sampled: true,
			Says: []Say{
				returned("mmap_read_lock"), happens("does take_mmap(mm)"), invariant("mm_lock_seq", "mm"),
				invariant("write_protect_seq", "mm"), effects("mmap_read_lock"),
			},
			Means: "mmap has been taken for reading",
		},
		{
			Name: "mmap_write_unlock", Probe: released, Args: mm, When: []Guard{IfWrite}, Track: DropWrite, Sampled: true,
			Says: []Say{
				entry("mmap_write_unlock"), happens("does take_mmap(mm)"), invariant("write_protect_seq", "mm"),
				effects("mmap_write_unlock"),
			},
			Means: "mmap is about to be released: the event precedes the effect",
		},
		{
			Name: "mmap_read_unlock", Probe: released, Args: mm, When: []Guard{IfRead}, Track: DropRead, Sampled: true,
			Says: []Say{
				entry("mmap_read_unlock"), happens("does take_mmap(mm)"), invariant("mm_lock_seq", "mm"),
				invariant("write_protect_seq", "mm"), effects("mmap_read_unlock"),
			},
			Means: "mmap is about to be released: the event precedes the effect",
		},
		{
			Name: "return_to_user", Probe: Probe{Tracepoint, "sys_exit"}, When: []Guard{IfKnown}, Track: Reset, Tracked: true, Sampled: true,
			Args: []Arg{{Root: "task", Type: "task_struct", From: FromCurrent}},
			Says: []Say{happens("does return_to_user(task)"), history("does return_to_user(task)")}, Means: "a system call returns",
		},
		{
			Name: "task_exit", Probe: Probe{Tracepoint, "sched_process_exit"}, Track: Forget, Stream: true,
			Args: []Arg{{Root: "task", Type: "task_struct", From: FromCurrent}}, Means: "a task ends; what is remembered of it is dropped",
		},
	}
}

func treeSites() []*Site {
	vma := []Arg{{Root: "vma", Type: "vm_area_struct", From: FromArg}}
	return []*Site{
		{
			Name: "tree_write", Probe: treeWrite, Args: []Arg{{Root: "mas", Type: "ma_state", From: FromArg}, ownMM}, When: []Guard{IfOwnTree},
			Says: []Say{write("mm_struct.mm_mt", "mm"), invariant("mm_lock_seq", "mm")}, Means: "the VMA tree of the current task's mm is written",
		},
		{
			Name: "tree_op", Probe: Probe{Tracepoint, "ma_op"}, Args: []Arg{{Root: "mas", Type: "ma_state", From: FromArg}, ownMM},
			When: []Guard{IfOwnTree}, Says: []Say{write("mm_struct.mm_mt", "mm")}, Means: "the VMA tree of the current task's mm is rebuilt",
		},
		{
			Name: "store_vma", Probe: treeWrite, When: []Guard{IfOwnTree, IfVMA},
			Args:  []Arg{{Root: "mas", Type: "ma_state", From: FromArg}, ownMM, {Root: "vma", Type: "vm_area_struct", From: FromVoid, N: -1}},
			Says:  []Say{happens("does store_vma(vma)"), invariant("vma", "vma")},
			Means: "a VMA is stored in the tree of the current task's mm",
		},
		{
			Name: "visit_vma", Probe: visit, Args: vma, Means: "an iterator visits a VMA under mmap for reading",
			Says: []Say{invariant("vma", "vma"), invariant("mm_lock_seq", "vma.vm_mm"), invariant("write_protect_seq", "vma.vm_mm")},
		},
		{
			Name: "visit_vm_flags", Probe: visit, Args: vma, Says: []Say{happens("does see_vm_flags(vma)")},
			Means: "the same, its flags",
		},
		{
			Name: "visit_anon_vma", Probe: visit, Args: vma, Says: []Say{happens("does see_anon_vma(vma)")},
			Means: "the same, its reverse map",
		},
		{
			Name: "exit_mmap", Probe: Probe{Tracepoint, "exit_mmap"}, Args: []Arg{mmArg},
			Says: []Say{happens("does end_exit_mmap(mm)"), invariant("mm_lock_seq", "mm")}, Means: "exit_mmap is about to destroy the tree",
		},
		{
			Name: "free_vma", Probe: Probe{Tracepoint, "kmem_cache_free"}, When: []Guard{IfVMACache},
			Args: []Arg{
				{Root: "cache", Type: "kmem_cache", From: FromArg}, {Root: "vma", Type: "vm_area_struct", From: FromVoid},
			},
			Says: []Say{happens("does free_vma(vma)")}, Means: "a VMA goes back to its slab",
		},
	}
}

func slowSites() []*Site {
	entryArg := Arg{Root: "entry", From: FromArg}
	return []*Site{
		{
			Name: "sync_ipi", Probe: callQueued, When: []Guard{IfSync}, Stream: true,
			Args: []Arg{{Root: "cpu", From: FromArg}}, Means: "tlb_remove_table_sync_one sends its IPI",
		},
		{
			Name: "flush_ipi", Probe: callQueued, When: []Guard{IfFlush}, Track: CountIPI,
			Args: []Arg{{Root: "cpu", From: FromArg}}, Means: "another processor is asked to flush its TLB",
		},
		{
			Name: "collapsed", Probe: Probe{Tracepoint, "mm_collapse_huge_page"}, Args: []Arg{mmArg}, When: []Guard{IfOneStatus}, Stream: true, Needs: "sync_ipi",
			Means: "a page table was replaced by a huge page",
		},
		{
			Name: "collapse", Probe: Probe{Tracepoint, "mm_collapse_huge_page"}, Args: []Arg{mmArg}, Tracked: true, Stream: true,
			Says:  []Say{returned("collapse_huge_page")},
			Means: "collapse_huge_page is done and has given mmap back",
		},
		{
			Name: "remote_flush", Probe: Probe{Tracepoint, "tlb_flush"}, When: []Guard{IfRemote}, Track: ConsumeIPI, Needs: "flush_ipi",
			Args: []Arg{{Root: "cpu", From: FromCPU}}, Says: []Say{happens("does remote_flush(cpu)")},
			Means: "a TLB is flushed on behalf of another processor",
		},
		{
			Name: "reap", Probe: Probe{Tracepoint, "start_task_reaping"}, Args: []Arg{tracked}, When: []Guard{IfTracked}, Tracked: true, Stream: true,
			Says: []Say{happens("does reap(mm)")}, Means: "the OOM reaper starts on the mm that it has locked",
		},
		{
			Name: "set_migration_entry", Probe: Probe{Tracepoint, "set_migration_pte"}, Args: []Arg{entryArg}, Stream: true,
			Says:  []Say{history("does set_migration_entry(entry)"), history("acquires migration_entry(entry) read")},
			Means: "a page-table entry gives way to a migration entry",
		},
		{
			Name: "restore_migration_entry", Probe: Probe{Tracepoint, "remove_migration_pte"}, Args: []Arg{entryArg}, Stream: true,
			Says: []Say{history("does restore_migration_entry(entry)")}, Means: "a migration entry becomes a page-table entry again",
		},
		{
			Name: "wait", Probe: Probe{Tracepoint, "contention_begin"}, When: []Guard{IfSleepable, IfTracked}, Stream: true,
			Args:  []Arg{tracked, {Root: "lock", From: FromArg}, {Root: "how", From: FromArg, N: 1}},
			Means: "a task that holds mmap waits for another lock",
		},
		{
			Name: "lru_insert", Probe: Probe{Tracepoint, "mm_lru_insertion"}, Args: []Arg{{Root: "folio", Type: "folio", From: FromArg}},
			Says: []Say{happens("does lru_insert(folio)")}, Means: "a folio enters an LRU list",
		},
	}
}
