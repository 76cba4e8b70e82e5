package lockbalance

import (
	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

const name = "lockbalance"

// Analyzer reports locks that are taken and given back out of balance.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that locks are given back on every path, once, and in the mode they were taken in",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{heldset.Analyzer},
})

func run(pass *analysis.Pass) (any, error) {
	for _, f := range pass.ResultOf[heldset.Analyzer].(*heldset.Result).Findings {
		if mine(f) {
			f.Report(pass, name)
		}
	}
	return nil, nil
}

func mine(f heldset.Finding) bool {
	switch f.Rule {
	case lockorder.RuleDoubleLock, lockorder.RuleRecursion, lockorder.RuleUnheld, lockorder.RuleWrongMode, heldset.RuleUntested:
		return true
	case lockorder.RuleLeak:
		return f.Pair == ""
	}
	return false
}
