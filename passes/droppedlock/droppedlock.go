package droppedlock

import (
	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

const name = "droppedlock"

// Analyzer reports what is relied on although a callee dropped the lock meanwhile.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that nothing is relied on across a call that drops the caller's lock",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{heldset.Analyzer},
})

func run(pass *analysis.Pass) (any, error) {
	result := pass.ResultOf[heldset.Analyzer].(*heldset.Result)
	for _, f := range result.Findings {
		if f.Rule == lockorder.RuleLifetime && f.Dropped {
			f.Report(pass, name)
		}
	}
	for _, f := range result.Stale {
		if f.Dropped {
			f.Report(pass, name)
		}
	}
	return nil, nil
}
