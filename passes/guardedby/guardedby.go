package guardedby

import (
	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

const name = "guardedby"

// Analyzer reports accesses to guarded data without its lock.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that guarded fields and variables are accessed under their lock",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{heldset.Analyzer},
})

func run(pass *analysis.Pass) (any, error) {
	for _, f := range pass.ResultOf[heldset.Analyzer].(*heldset.Result).Unguarded {
		f.Report(pass, name)
	}
	return nil, nil
}
