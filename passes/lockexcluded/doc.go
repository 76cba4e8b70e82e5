// Package lockexcluded reports calls of functions that wait for a lock which the caller holds.
//
// # Analyzer lockexcluded
//
// lockexcluded: check that no lock is held where a function that takes it is called
//
// Which locks a function must not be called with is stated by the kernel's lock contract or by a directive; for a function
// that states nothing it is what the function takes itself or through what it calls, as far as the lock is reached from its
// parameters, captured variables or package variables. Package lockbalance reports a lock that is taken twice in one
// function; this one reports the same mistake through a callee, once, at the call.
//
// This is WRONG:
//
//	func (s *Server) Errorf(format string, v ...any) { s.logging.RLock(); defer s.logging.RUnlock(); … }
//
//	s.logging.Lock()
//	if err := l.Close(); err != nil {
//		s.Errorf("closing: %v", err) // waits for s.logging
//	}
//	s.logging.Unlock()
//
// This is RIGHT:
//
//	s.logging.Lock()
//	err := l.Close()
//	s.logging.Unlock()
//	if err != nil {
//		s.Errorf("closing: %v", err)
//	}
//
// What the standard library calls counts: String and Error of what is printed, the function of a sync.Once. So does waiting, with
// a lock, on a channel or a WaitGroup for a goroutine that the function has started and that takes the lock first.
//
// Known limits: of an interface method nothing is known if the value behind it is not: if it comes from elsewhere than the
// function or a field that always holds its own object; unknown function values are not followed; a callee that takes the lock under a
// condition that the caller cannot see is reported as if it took it.
package lockexcluded
