// Package litmus reads and runs litmus tests in the kernel's dialect of C, under the Linux kernel memory model as package
// memorder decides it.
//
//	t, err := litmus.Parse("SB.litmus", src)
//	r, err := t.Run(ctx, litmus.Options{})
//	r.WriteHerd(os.Stdout)
//
// # The dialect
//
// A test is a name, an initial state, processes, and a condition:
//
//	C MP+wmb+rmb
//	(* comment *)
//	{ x=0; p=x; 0:r9=1; }
//	P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); }
//	P1(int *x, int *y) { int r0 = READ_ONCE(*y); smp_rmb(); int r1 = READ_ONCE(*x); }
//	locations [x; 1:r0]
//	filter (1:r0=1)
//	exists (1:r1=0)
//
// Parameters are the addresses of locations; other names are registers. All values are 64-bit numbers, and an address is one
// too, far from any other. Statements are declarations, assignments (also +=, ++ and the like), if, while, do and for;
// loops are unrolled a given number of times and longer runs are left out, which the result says. Conditions are made with
// exists, ~exists and forall from 0:r1=1, x=2, 0:r1=x, 0:r1=1:r2, /\, \/, ~, not and =>.
//
// Primitives are those of linux-kernel.def: READ_ONCE to rcu_assign_pointer, all atomics with their suffixes, the fences,
// spinlocks with trylock and spin_is_locked, RCU and SRCU. Beyond that there are those that the kernel has and
// linux-kernel.def has not: rwsem and rwlock with trylock and downgrade, mutex, bit_spin_lock, seqcount, completion,
// local_irq_disable and preempt_disable, call_rcu with rcu_callback. Anything else is an error with its position.
//
// # What is explored
//
// Every path of every process, for all values that its reads can return, is run once. Paths are combined, depth first, as long
// as filter, condition and the values read leave hope; each combination has its candidate executions enumerated and judged.
// Without loops the result is exact: verdict, states, numbers of executions and data race agree with herd7, which the
// package is compared with on public corpora outside the repository.
//
// Known difference: where the model allows values out of thin air, herd7 has one symbolic state and this package lists states
// with concrete values, the constants of the test and one fresh number. The verdict is the same. A simulator of hardware
// must not offer such values (Options.ThinAir < 0): no hardware makes them.
//
// # What was tried and did not pay
//
// Conflict-driven backjumping: when the axioms refuse every candidate under some choice of sources, go back to the latest
// read whose source takes part in a violation, found by checking again without the reads and the order of one location
// after the other. It changed no result and saved nothing, for the values of a path nearly always fix what its reads see: of
// 7,834,760 candidates of 5,347 tests of paulmckrcu/litmus it spared 352, and the axioms refuse only 0.3 % at all. CPU time
// with it, relative to without: kernel shapes 0.98, families 1.00, files under primitives 1.08; of that corpus, 497 tests
// drawn at random 1.00, the 10 slowest 1.00, the 60 that lose most time to refused candidates 1.00; the best single test of
// some length 0.93 (C-ManfredSpraul-L1G2lock, 27 ms).
//
// Jumping over whole paths was not built. Its bound: in that corpus 10,696 of 18 million combinations have no allowed
// execution, with 0.3 % of the time of enumeration; in the 60 tests above it is 22 %, 0.07 s in all.
package litmus
