// Package lockheld has needs that stop where they are silenced, and needs that callers hear of.
package lockheld

import "github.com/mmvet/mmvet/passes/contractdrift/testdata/silence/helper"

func inner(s *helper.S) { s.Locked() }

func innerSilent(s *helper.S) {
	s.Locked() //mmvet:ignore lockheld only one task is left by now
}

func Run(s *helper.S) {
	inner(s) // want `lockheld: inner needs s.Mu held for writing`
}

func RunSilent(s *helper.S) { innerSilent(s) }
