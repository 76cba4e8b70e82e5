package heldset

import (
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// silent says whether the source asks for silence about a rule where an instruction stands. What would be a need of callers
// is then none, so that nobody hears of it, in other packages either.
func (f *function) silent(rule string, at ssa.Instruction) bool {
	pos, _ := f.pkg.source.extent(position(at))
	i := f.pkg.contracts.Suppressed(rule, pos)
	if i == nil {
		return false
	}
	if !slices.Contains(f.pkg.silenced, i) {
		f.pkg.silenced = append(f.pkg.silenced, i)
	}
	return true
}

// reporter is the analyzer that reports a broken rule in a function that cannot hand it to its callers.
func reporter(rule lockorder.Rule, guard bool) string {
	switch {
	case guard:
		return "guardedby"
	case rule == lockorder.RuleNotHeld:
		return "lockheld"
	case rule == lockorder.RulePair:
		return "notifierpair"
	case rule == lockorder.RuleOp:
		return "nonterminal"
	}
	return "lockbalance"
}
