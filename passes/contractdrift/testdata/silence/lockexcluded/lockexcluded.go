// Package lockexcluded calls what takes a lock with that lock.
package lockexcluded

import "github.com/mmvet/mmvet/passes/contractdrift/testdata/silence/helper"

func Calls(s *helper.S) {
	s.Mu.Lock()
	s.Take() // want `lockexcluded: Take must not be called with`
	s.TakeSilently()
	s.Mu.Unlock()
}
