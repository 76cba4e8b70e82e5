package recheck

import (
	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

const name = "recheck"

// Analyzer reports checks that are relied on under a lock that was taken after them.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that what is relied on under a lock was checked under it",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{heldset.Analyzer},
})

func run(pass *analysis.Pass) (any, error) {
	result := pass.ResultOf[heldset.Analyzer].(*heldset.Result)
	for _, f := range result.Findings {
		if f.Rule == lockorder.RuleUnknown {
			f.Report(pass, name)
		}
	}
	for _, f := range result.Stale {
		if !f.Dropped {
			f.Report(pass, name)
		}
	}
	return nil, nil
}
