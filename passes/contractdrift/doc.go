// Package contractdrift reports names, comments and suppressions that disagree with the code.
//
// # Analyzer contractdrift
//
// contractdrift: check that names, comments and suppressions agree with the code
//
// What a comment says of locks is read by people and held to by nobody, so it ages. The pass reports
//
//   - a function whose name ends in Locked, or whose comment says that a lock is held by its callers, and that takes that lock
//     itself: whoever believes the comment deadlocks;
//   - a call of such a function, in a function that takes the lock, at a place where it is not held. A name alone counts only
//     where other calls do as it says;
//   - a comment that names a lock which does not exist;
//   - an annotation that is read as prose: without its prefix, misspelt, or with a space where none belongs;
//   - a suppression that has nothing to suppress any more.
//
// A directive states a contract, and other rules hold the code to it; here it is about what no directive states.
//
// This is WRONG:
//
//	// Lock should be held.
//	func (c *client) prune() {
//		c.mu.Lock() // who calls it with the lock, as the comment asks, waits for ever
//
// This is RIGHT:
//
//	// prune takes the lock of c.
//	func (c *client) prune() {
//		c.mu.Lock()
//
// or, so that every call is checked:
//
//	//mmvet:must_hold c.mu
//	func (c *client) prune() {
//
// A suppression is written behind a line, above a statement, or in the comment of a function, and gives the reason:
//
//	s.n++ //mmvet:ignore guardedby only one task is left by now
//
// It silences the rules that it names, separated by commas, in that line, that statement or that function, for every way of
// running the rules. A need that is silenced is no need of callers either, in this package or another.
//
// Known limits: sentences are matched by a few patterns, in English; calls are judged within a package; a name like
// addLocked speaks of the receiver's lock only if that is embedded or has a name for the lock of all, as mu.
package contractdrift
