// Package heldset computes which locks are held at every point of every function, and which rules are broken there. It
// reports nothing; its product is a value, *Result, that the reporting passes require.
//
// # Analyzer heldset
//
// heldset: compute the locks held at every instruction
//
// It is a forward dataflow analysis over SSA whose state is lockorder.Held and whose transfer function is Held.Step: the
// rules themselves are in package lockorder. This package makes events from instructions and identities from access paths:
//
//	objects.go   what an SSA value denotes: access paths by value numbering, memory.go their versions
//	literals.go  what a branch tells
//	binding.go   what the paths of a contract's clause denote at a call
//	flow.go      the fixpoint; transfer.go one instruction; deferred.go deferred calls
//	entry.go     what a function may assume, summary.go what it does to its callers' locks
//	resolve.go   what a call calls: functions, method values, results, interface methods; usage.go and variables.go how
//	             the package uses its functions; callbacks.go the functions that a call is given
//	behaviour.go what a function does with functions: those that it returns and those that it is given
//	alias.go     fields that are always the address of, or a condition on, a lock beside them; elements.go map elements
//	formats.go   methods that the standard library calls on what it prints; owner.go closures over the owner of their field
//	belief.go    locks that must have been held, why.go what a finding says of an inferred clause
//	fresh.go     what nobody else can lock yet, escape.go where others get to know it
//	shared.go    fields that others change once their lock is given back
//	equal.go     locks that a test shows to be the same by another path; swap.go the same for a sorted pair
//	peers.go     two locks of one class; waits.go waiting for a goroutine that takes a lock; untested.go results
//	guards.go    accesses to guarded data, accesses.go finds them, publish.go new objects that nobody else knows
//	finding.go   a broken rule as a reader sees it
//	moments.go   what is known where memory is accessed, for the passes that judge accesses
//
// The cost is linear in the number of blocks for code whose conditions do not nest without end: conditions under which a
// lock is held are part of the state (lockorder.Held), so paths are not enumerated.
//
// Known limits: what is stored in a map or slice through another name counts as a store to every one of the type; calls of
// unknown functions are taken not to change locks, nor the fields through which locks are reached; a function that is given
// to an unknown function is taken to be called at once.
package heldset
