// want package:`a.Log.Mu -> .*a.Store.Mu; .*a.Store.Mu -> .*a.Log.Mu`

// Package b is the upper package of TestPackages: it closes the cycle that package a begins.
package b

import "github.com/mmvet/mmvet/passes/lockcycle/testdata/a"

func Compact(s *a.Store, l *a.Log) {
	l.Mu.Lock()
	s.Mu.Lock() // want `lockcycle: .*a.Log.Mu -> .*a.Store.Mu -> .*a.Log.Mu`
	s.Mu.Unlock()
	l.Mu.Unlock()
}
