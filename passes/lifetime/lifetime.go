package lifetime

import (
	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

const name = "lifetime"

// Analyzer reports objects that are used when nothing keeps them any more.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that objects are not used after what kept them was released",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{heldset.Analyzer},
})

func run(pass *analysis.Pass) (any, error) {
	for _, f := range pass.ResultOf[heldset.Analyzer].(*heldset.Result).Findings {
		if f.Rule == lockorder.RuleLifetime && !f.Dropped {
			f.Report(pass, name)
		}
	}
	return nil, nil
}
