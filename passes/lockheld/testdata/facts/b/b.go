// Package b is the input of TestFacts: it relies on what package a exports.
package b

import "github.com/mmvet/mmvet/passes/lockheld/testdata/facts/a"

func Stated(s *a.S) {
	s.Stated() // want `Stated needs s.Mu held for writing and s.Rw held|Stated needs s.Mu` `Stated needs .*Rw`
	s.Mu.Lock()
	s.Rw.RLock()
	s.Stated()
	s.Rw.RUnlock()
	s.Mu.Unlock()
}

func Wrappers(s *a.S) {
	s.Lock()
	need(s)
	s.Unlock()
	need(s) // want `need needs`
	if s.TryLock() {
		need(s)
		s.Unlock()
	}
	s.Inferred()
	need(s)
	s.Unlock()
}

//mmvet:must_hold s.Mu
func need(s *a.S) {}

//mmvet:must_hold_shared s.Rw
func needRw(s *a.S) {}

func Results(s *a.S) {
	_, ok := s.InferredTry()
	if ok {
		need(s)
		s.Unlock()
	} else {
		need(s) // want `need needs`
	}
	if err := s.InferredErr(); err != nil {
		needRw(s) // want `needRw needs`
		return
	}
	needRw(s)
	s.Rw.RUnlock()
}

func Find(m map[int]*a.S) {
	s := a.Find(m)
	if s == nil {
		return
	}
	need(s)
	s.Mu.Unlock()
	need(s) // want `need needs`
}

func Accessor(s *a.S) {
	s.Self().Mu.Lock()
	need(s)
	s.Mu.Unlock()
}

func Big() {
	a.NeedBig() // want `NeedBig needs`
	a.LockBig()
	a.NeedBig()
	a.Big.Unlock()
	a.Big.Lock()
	a.NeedBig()
	a.Big.Unlock()
	a.NeedBig() // want `NeedBig needs`
}

func Generic(b *a.Box[int]) {
	b.Stated() // want `Stated needs`
	b.Inferred()
	b.Stated()
	b.Mu.Unlock()
}
