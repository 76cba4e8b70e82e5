// Package explore answers: is there an execution of these tasks that breaks the kernel? It either draws the shortest one,
// with the source line of every step, or says how many it covered to prove that there is none.
//
// # Scenarios
//
// A scenario is an ordinary Go test. Its function builds objects and declares tasks; the tasks run ports written over
// package kernelshim:
//
//	func TestRetract(t *testing.T) {
//		explore.Check(t, func(k *kernelshim.Kernel) {
//			mm := kernelshim.NewMm(k)
//			…
//			k.Go("khugepaged", func() { CollapsePteMappedThp(mm, addr, false) })
//			k.Go("truncate", func() { UnmapMappingRange(mapping, 0, 1) })
//			k.Finally(func() { kernelshim.Assert(…) })
//		})
//	}
//
// Check fails the test if any execution fails, and also if a bound was hit before all were covered. Expect is for the
// buggy half of a story: it wants a failure of one kind, and compares its trace with a golden file. Run is for programs.
//
// # Failures
//
// See Kind: use after free and double free of kernel objects, deadlock, leaked locks, leaked memory, unlocks of what is not held, BUG_ON,
// WARN_ON and reference counts gone wrong, invariants of the scenario, NULL dereferences, and broken lock rules. A lock rule
// is decided by package lockorder under the contract of the scenario's kernel (Kernel.Release). A broken rule does not
// end an execution: if something worse happens, that is the failure, and the rule is reported with it.
//
// # Traces
//
// A trace has a row for each step that changes something or reads what another task writes, a column for each task, and
// what changed on the right. If it takes weak memory, the fences, acquires and releases follow with which LKMM would forbid it
// (remedy.go). Its last line is a replay string:
//
//	go test -run '^TestRetract$' -sim.replay=v1.7adec7.b7a30b.e9ff45
//
// runs that one execution again and prints it. A string of another scenario, or of an older version of the code, is an
// error that says so.
//
// # Flags and environment
//
//	-sim.replay=STRING  MMVET_SIM_REPLAY    replay one execution
//	-sim.budget=D       MMVET_SIM_BUDGET    time for one scenario, as in 30s
//	-sim.engine=NAME    MMVET_SIM_ENGINE    how to explore, see Engines; -sim.seed and -sim.executions for samples
//	-sim.why            MMVET_SIM_WHY       say what each proof hangs on, and what a failure lacks (WithWhySafe)
//	-sim.torn           MMVET_SIM_TORN      let the compiler tear plain accesses (WithTornAccesses)
//	-sim.report=FILE    MMVET_SIM_REPORT    append one JSON object for each scenario, for the mmvet command
//	                    MMVET_SIM_PROGRESS  if set: progress on standard error, once a second, with an estimate of what is left
//	-sim.update         MMVET_UPDATE        rewrite golden traces
//
// # Engines
//
// The memory model and the budget choose the engine, or WithEngine and -sim.engine do. Each verdict names it.
//
//	interleaving  SC    every interleaving up to the order of steps that commute: source-set DPOR (dpor.go)
//	preempting    SC    every interleaving with at most so many preemptions (preempting.go)
//	revisiting    LKMM  every execution without load buffering, each once: TruSt (revisit.go), on all processors (crew.go)
//	enumerating   LKMM  every execution, axiomatically (axiomatic.go)
//	sampling      both  PCT, POS, and on from what was new (pct.go, corpus.go), under LKMM with stale reads (sampling.go):
//	                    a sample, with the bound of PCT
//
// Under LKMM revisits come first, then enumeration if it soon ends; what is too large for revisits is sampled.
//
// # What a proof means
//
// All executions of the scenario under its memory model were covered, up to what its engine leaves out. By the name of the
// litmus shape:
//
//	shape                        SC      revisiting  enumerating
//	SB, R, 2+2W                  strong  seen        seen
//	MP, S, WRC, ISA2             strong  seen        seen
//	IRIW, RWC                    strong  seen        seen
//	LB and what contains it      strong  not seen    seen
//	values out of thin air       -       -           - (least fixpoint: never; LKMM allows some for plain accesses)
//	CoRR, CoWW, CoWR, CoRW       as coherence has it, in all three
//
// "strong": only the outcomes of interleavings are seen, so a proof holds for code whose ordering does not matter, and a
// missing barrier is not found. Beyond that:
//
//   - A scenario is bounded by its tasks and objects; nothing is said about more of them.
//   - State outside of kernelshim's cells is invisible. Tasks that depend on it are mostly detected: whatever a task does
//     natively it does twice, and a difference is an error.
//   - A loop that spins by hand waits by a lock, by SmpCondLoadAcquire, or by CpuRelax between attempts, which leaves out
//     attempts that fail; otherwise it is cut after MaxSteps.
//   - The conditions of a lock contract are read without a step of their own, when the task calls.
//
// A failure is never a false alarm under the model that its verdict names, but for dependencies, see below: the trace is an
// execution, and its replay string runs it.
//
// # Weak memory
//
// WithMemoryModel(LKMM) explores the executions that the Linux kernel memory model allows (tools/memory-model), as package
// memorder decides it: stores may become visible late and out of order, loads may be early; locks and atomics order what the
// kernel promises and no more. Data races by LKMM's definition, and use after free that takes weak memory, are failures.
// "WEAK" in a trace marks a read that missed a newer store. A proof is one within these limits:
//
//   - Dependencies are read off the tries (policy P2, depend.go): a syntactic dependency that makes no difference to what
//     the task does (r ^ r, equal stores in both arms) orders nothing, as a compiler may remove it. LKMM keeps it. So P2
//     can report an execution that LKMM forbids. A report says when its execution rests on a store that overtakes an earlier
//     read of its task (Failure.Overtaking), or on a read of an object that does (Failure.Early); no other report is in
//     doubt, and one that is not is preferred. P2 has a dependency more than LKMM where a branch decides which value is stored
//     after it (if (r) v = 1; WRITE_ONCE(*y, v)): no compiler and no processor breaks that. It could have one where a task
//     reads a pointer to an object that its closure holds as well, and uses the latter. Beyond
//     the first 64 steps of a task no dependency is seen, nor a control dependency that only histories beyond the first few
//     thousand of a task show.
//   - A scenario whose values say what they come from (kernelshim.Carried) is judged by those dependencies with
//     WithDependencies(CarriedOnly), policy P3: exactly as LKMM has it, if it carries all of them. Then Failure.Overtaking says
//     that the task depends on the read, by P2, and does not carry it. Under P2 carried dependencies count as well: they mend
//     a false alarm where the tries do not show one.
//   - RCU is the axiom of LKMM; interrupts and preemption off are RCU sections. An IPI waits for sections with interrupts off
//     as a grace period of theirs, and is a full fence for who sends it; that it is one for the CPUs that take it is not used.
//   - Sections of SRCU are sections of the axiom, too; who opens one closes it. One that is left open is found under SC only.
//   - Readers of an rwsem or rwlock commute: sections of a writer and of a reader are ordered by release and acquire, and
//     those of readers not at all (sem.go), so w writers and r readers take it in w! * (w+1)^r ways. LKMM promises no more;
//     the kernel's rwsem orders some readers by its counter, but not those that slept, and its rwlock all. Where a scenario
//     tries the lock for writing, asks whether it is held, or ends somebody else's section, that lock is its counter, and
//     readers that take or leave it are ordered as it orders them. A writer who waits keeps no reader out.
//   - A bit spinlock is an atomic on its word, which does not say who holds it: one that is left held is found as preemption
//     that is off, and the order in which bit locks are taken is judged by deadlocks alone, not by lock rules.
//   - Signals of a completion and waits for it are one atomic each, and order as release and acquire; waits have no order
//     among themselves, and any waiter may be first.
//   - Lock rules are judged on each task's own history; their conditions look at what the task last saw.
//   - A fault waits for no other task, and a task that waits is judged by what holds in the end. That a task
//     in an RCU section keeps the grace period of another one from ending for ever is not found; its own is.
//   - The initial values of an object that a task allocates are visible to all who see the object: a missing release
//     of initialisation alone is not found.
//   - A spinlock in an object that is freed while it is held is found by revisits, not by enumeration alone.
//   - A plain access is one access, unless WithTornAccesses says otherwise, or MayTear of the stores to a word: then it may be two, of
//     up to three bits in any order, of more byte by byte, of a struct field by field. No access is invented or left out.
//
// # User code and TLBs
//
// After kernelshim.CacheTranslations a task may be a CPU in user mode (UserRead, UserWrite, Translate). It walks the page tables
// without a lock, and may use what it read, the entry (TLB) as well as the table (paging-structure cache), until that is
// flushed: a translation is a read-side section of SRCU, and a flush its grace period, in all engines. An execution in which
// a flush would wait for a translation that is never used is given up, since another one has it walked anew. Limits:
//
//   - What is cached ahead of its use, is so where the scenario says: Translate.
//   - A flush of a page drops what the CPU has cached of upper levels for it, as on x86; arm64 may keep that.
//   - A flush is a full barrier, and reaches all CPUs at once, or those in mm_cpumask(mm) after CpusSwitch.
//   - Scenarios without user code take no step for a flush.
//
// # How it works
//
// A task is a deterministic function of what the shim returns, so it needs no goroutine: it is run by replay (package
// kernelshim/internal/machine) and memoised as a trie of its local histories (trie.go). Native code runs once for each
// history; an exploration walks tries and one undoable global state (state.go), some five million steps a second. Which
// executions to walk is the business of an engine (engine.go): dpor.go for interleavings, revisit.go and axiomatic.go for
// weak memory.
// When something fails, a search by the fewest switches and steps finds the execution to show (shortest.go).
package explore
