// Package lockcycle reports locks that are taken in orders which contradict each other.
//
// # Analyzer lockcycle
//
// lockcycle: check that locks are always taken in one order
//
// Two tasks that take two locks in different orders wait for each other sooner or later. The pass collects, over a package
// and all that it imports, which lock is taken while which is held, also inside of what is called, and reports every cycle
// once, with one related position for each of its edges. Locks count by class, as in the kernel's lockdep
// (Documentation/locking/lockdep-design.rst): a field of a type, or a package variable. What a contract declares about
// order and nesting is checked too, and what //mmvet:order declares, also where the second lock is taken inside of what is called.
//
// This is WRONG:
//
//	func (a *Account) Move(s *Server) { a.mu.Lock(); s.mu.Lock(); … }
//	func (s *Server) Count(a *Account) { s.mu.Lock(); a.mu.Lock(); … }
//
// This is RIGHT:
//
//	func (a *Account) Move(s *Server) { s.mu.Lock(); a.mu.Lock(); … }
//	func (s *Server) Count(a *Account) { s.mu.Lock(); a.mu.Lock(); … }
//
// A declaration that makes the order one that is checked:
//
//	//mmvet:order Server.mu < Account.mu
//
// What is declared is checked always; -lockcycle.inferred=false leaves it at that. Of what is inferred, a lock that a callee
// takes on some of its paths only counts with -lockcycle.deep. No cycle is one whose parts all run under one more lock, one
// that climbs a tree, one in a function whose callers serialize its calls, as its comment says (see contract), or one behind a flag that the caller does not set.
//
// A trylock does not wait, so it ends no edge. A callee that first releases the caller's lock takes its locks without it.
// Locks of objects that the function has just made are not waited for by others.
//
// Known limits: that two classes are never locked on the same objects in both orders is not known, so a cycle of classes may
// be none of objects; two locks of one class are reported only where nothing puts them in an order: neither is reached
// through the other, and the function does not compare their owners; of an interface method with more than four
// implementations, and of unknown function values, nothing is followed; cycles across packages that do not import one another show in a package that
// imports both; edges from test files do not count.
package lockcycle
