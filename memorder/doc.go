// Package memorder decides what the Linux kernel memory model (LKMM) permits.
//
// It knows events, marked accesses, fences and executions; it knows no Go source, no goroutine and no file. The model is
// tools/memory-model/linux-kernel.{def,bell,cat} and lock.cat of the kernel (as of 2026: with plain accesses, SRCU, rmw-sequence and
// po-unlock-lock-po), written as native relations over bitsets. There is no cat interpreter.
//
// # Executions
//
// A thread is a list of events ([Event]): what linux-kernel.def makes of one primitive. A candidate execution
// ([Execution]) is the program order of some threads, for each read the write that it sees (rf), and for each location the
// order of the writes to it (co). [Execution.Check] says whether the model allows it, and if not, which axiom refuses it;
// [Execution.Explain] gives the cycle; [Execution.Races] finds data races in an allowed one.
//
// Two users are served. The litmus runner has threads with fixed values and wants every candidate: [Enumerator]. A simulator
// has threads that grow as their reads return, and goes back and forth: [Execution.Append], [Execution.SetSource],
// [Execution.Place], [Execution.Mark] and [Execution.Undo]. Both allocate nothing once their buffers have grown.
//
// # Axioms
//
// They are checked in this order, and every one of them is monotone in rf and co, so a partial execution that violates one
// has no allowed completion:
//
//	coherence        acyclic po-loc | com
//	atomic           empty rmw & (fre ; coe)
//	happens-before   acyclic hb, hb = ppo | rfe | (prop \ id) & int
//	propagation      acyclic pb, pb = prop ; strong-fence ; hb*
//	rcu              irreflexive rb, rb = prop ; rcu-fence ; hb* ; pb*
//	plain-coherence  plain accesses do not contradict visibility
//
// Locks are lock.cat's spinlocks. The kernel's other locks and waiting primitives are stated in primitives.go, as what their
// implementations do with atomics.
//
// # How it is fast
//
// Only accesses are events of the relations: fences are folded into rows of predecessors when a thread is appended to, once.
// A candidate that some interleaving explains is allowed without computing any relation. What program order, rf and
// atomicity force on co is computed before anything is permuted, and partial orders are checked against the axioms. Relations
// of up to 64 events have rows of one word; larger ones take the same code the long way.
//
// # Limits
//
// A thread may have [MaxAccesses] accesses. Dependencies are the syntactic ones of the model, which the caller reports; what
// a compiler may remove is not LKMM's subject, and values out of thin air through plain accesses are allowed, as the model
// allows them.
package memorder
