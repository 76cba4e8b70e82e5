// Package ignores is the input of TestIgnores: requests for silence, in every scope.
package ignores

import "sync"

type S struct {
	mu sync.Mutex
	n  int //mmvet:guarded_by mu
}

func Line(s *S) {
	s.n++ //mmvet:ignore guardedby only one task is left by now
	s.n++
}

func Statement(s *S, c bool) {
	//mmvet:ignore guardedby only one task is left by now, see https://example.org/why
	if c {
		s.n++
		s.n++
	}
	s.n++
}

// Function is silent as a whole.
//
//mmvet:ignore guardedby,lockbalance only one task is left by now
func Function(s *S) {
	s.n++
	s.mu.Lock()
	s.mu.Lock()
}

// help needs nothing of its callers: its need is silenced where it arises.
func help(s *S) {
	s.n++ //mmvet:ignore guardedby only one task is left by now
}

func Helped(s *S) { help(s) }

// take may be called with the lock, if one believes its author.
func take(s *S) {
	s.mu.Lock() //mmvet:ignore lockexcluded the lock is another one then
	s.n++
	s.mu.Unlock()
}

func Taken(s *S) {
	s.mu.Lock()
	take(s)
	s.mu.Unlock()
}

func Other(s *S) {
	s.n++ //mmvet:ignore lockheld this is not what is wrong // want `contractdrift: nothing is reported here by lockheld any more; drop the suppression`
}

func Unused(s *S) {
	s.mu.Lock()
	s.n++ //mmvet:ignore guardedby it was wrong once // want `nothing is reported here by guardedby any more`
	s.mu.Unlock()
}

func Unknown(s *S) {
	s.n++ //mmvet:ignore gardedby only one task is left // want `badcontract: //mmvet:ignore gardedby: no such rule; did you mean guardedby\?`
	s.n++ //mmvet:ignore xyzzy only one task is left // want `badcontract: //mmvet:ignore xyzzy: no such rule; those are atomicsleep, `
}

// Lock should be held.
//
//mmvet:ignore contractdrift the comment is from upstream
func (s *S) kept() {
	s.mu.Lock()
	s.mu.Unlock()
}
