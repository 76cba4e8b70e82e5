package lockexcluded

import (
	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

const name = "lockexcluded"

// Analyzer reports calls of functions that wait for a lock which is held.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that no lock is held where a function that takes it is called",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{heldset.Analyzer},
})

func run(pass *analysis.Pass) (any, error) {
	for _, f := range pass.ResultOf[heldset.Analyzer].(*heldset.Result).Findings {
		if f.Rule == lockorder.RuleExcluded || f.Rule == heldset.RuleWait {
			f.Report(pass, name)
		}
	}
	return nil, nil
}
