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
// See Kind: use after free and double free of kernel objects, deadlock, leaked locks, unlocks of what is not held, BUG_ON,
// WARN_ON and reference counts gone wrong, invariants of the scenario, NULL dereferences, and broken lock rules. A lock rule
// is decided by package lockorder under the contract of the scenario's kernel (Kernel.Release). A broken rule does not
// end an execution: if something worse happens, that is the failure, and the rule is reported with it.
//
// # Traces
//
// A trace has a row for each step that changes something or reads what another task writes, a column for each task, and
// what changed on the right. Its last line is a replay string:
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
//	-sim.report=FILE    MMVET_SIM_REPORT    append one JSON object for each scenario, for the mmvet command
//	                    MMVET_SIM_PROGRESS  if set: progress on standard error, once a second
//	-sim.update         MMVET_UPDATE        rewrite golden traces
//
// # What a proof means
//
// All executions of the scenario under sequential consistency were covered, up to the order of steps that commute. Beyond
// that:
//
//   - A scenario is bounded by its tasks and objects; nothing is said about more of them.
//   - Without WithMemoryModel(LKMM), of the litmus shapes SB, MP, LB, R, S, 2+2W, WRC, IRIW and ISA2 only the outcomes that
//     interleaving allows are seen, so a proof holds for code whose ordering does not matter, and a missing barrier is not
//     found.
//   - State outside of kernelshim's cells is invisible. Tasks that depend on it are mostly detected: whatever a task does
//     natively it does twice, and a difference is an error.
//   - Spinning by hand is cut after MaxSteps; wait by a lock or SmpCondLoadAcquire.
//   - The conditions of a lock contract are read without a step of their own, when the task calls.
//
// A failure is never a false alarm under that model: the trace is an execution, and its replay string runs it.
//
// # Weak memory
//
// WithMemoryModel(LKMM) explores the executions that the Linux kernel memory model allows (tools/memory-model), as package
// memorder decides it: stores may become visible late and out of order, loads may be early, load buffering included; locks
// and atomics order what the kernel promises and no more. Data races by LKMM's definition, and use after free that takes
// weak memory, are failures. "WEAK" in a trace marks a read that missed a newer store. Two engines share the work (lkmm.go).
// Revisits (revisit.go) explore each execution once, except those with load buffering, in which a read sees a store that
// comes of it. Then all executions are enumerated (axiomatic.go), if two seconds suffice for that: they do for scenarios of
// some 50 steps. The result says by Engine whether load buffering was covered. A proof is one within these limits:
//
//   - Dependencies are read off the tries (policy P2, depend.go): a syntactic dependency that makes no difference to what
//     the task does (r ^ r, equal stores in both arms) orders nothing, as a compiler may remove it. LKMM keeps it. So P2
//     can report an execution that LKMM forbids, and the report does not say so. It loses none that the tests know of; it
//     could where a task reads a pointer to an object that its closure holds as well, and uses the latter. Beyond the first
//     64 steps of a task no dependency is seen.
//   - RCU is the axiom of LKMM; interrupts and preemption off are RCU sections. An IPI waits for sections with interrupts off
//     as a grace period of theirs, and is a full fence for who sends it; that it is one for the CPUs that take it is not used.
//   - Lock rules are judged on each task's own history; their conditions look at what the task last saw.
//   - A fault waits for no other task, and a task that waits is judged by what holds in the end. That a task in an RCU
//     section can keep a grace period from ending for ever is not found.
//   - The initial values of an object that a task allocates are visible to all who see the object: a missing release
//     of initialisation alone is not found.
//   - A plain store is one store: it is not torn, and not invented.
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
