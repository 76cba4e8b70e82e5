// Package guardedby is silent in three scopes and speaks elsewhere.
package guardedby

import "sync"

type S struct {
	mu sync.Mutex
	n  int //mmvet:guarded_by mu
}

func Line(s *S) {
	s.n++ //mmvet:ignore guardedby only one task is left by now
	s.n++ // want `guardedby: writing s.n needs`
}

func Statement(s *S, c bool) {
	//mmvet:ignore guardedby only one task is left by now
	if c {
		s.n++
	}
	s.n++ // want `guardedby: writing s.n needs`
}

//mmvet:ignore guardedby only one task is left by now
func Function(s *S) {
	s.n++
	func() { s.n++ }()
}

//mmvet:ignore lockheld the wrong rule
func Other(s *S) {
	s.n++ // want `guardedby: writing s.n needs`
}
