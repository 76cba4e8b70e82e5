// Package lockbalance reports locks that are not given back on every path, taken twice, or given back without being held.
//
// # Analyzer lockbalance
//
// lockbalance: check that locks are given back on every path, once, and in the mode they were taken in
//
// A lock that stays held at an early return stops every task that asks for it later, far from the mistake. A lock that is
// taken by the task that holds it stops that task. A read lock that is taken again waits behind a writer that waits for the
// first (package sync: "this prohibits recursive read-locking").
//
// This is WRONG:
//
//	s.mu.Lock()
//	if err := s.check(); err != nil {
//		return err // s.mu is still held
//	}
//	s.mu.Unlock()
//	return nil
//
// This is RIGHT:
//
//	s.mu.Lock()
//	defer s.mu.Unlock()
//	return s.check()
//
// A call that takes a lock only if its result says so, as TryLock does, must have its result tested.
//
// A function that states no contract may return with a lock, or release one that it did not take, if it does so on every
// path, under a flag that its caller passes, or exactly where a result says so: where the error is nil, the bool true or the
// pointer not nil. It is then a lock function for its callers, who are checked against that. What a function with a
// contract may keep is what its contract says.
//
// Known limits: a lock whose path leads through a loop variable is not followed from one round to the next; a lock that a
// callback gives back is not followed behind the call; locks of objects that the function made itself may stay held; an
// early return with the lock is taken for a promise to the caller if the function's name says that it locks, or if it
// returns a function. A lock that is held under a condition on an object and given back for a moment, where another property
// of the object was tested, is believed to be held there. A number or flag that functions change under the lock beside it
// counts as changed once an Unlock in the function itself gave that lock back, not where a callee does.
package lockbalance
