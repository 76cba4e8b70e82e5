package notifierpair

import (
	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

const name = "notifierpair"

// Analyzer reports brackets that are opened and not closed, or closed out of order.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that brackets are closed on every path, in the reverse order",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{heldset.Analyzer},
})

func run(pass *analysis.Pass) (any, error) {
	for _, f := range pass.ResultOf[heldset.Analyzer].(*heldset.Result).Findings {
		if f.Pair != "" && f.Pair != string(mm.PairMmuGather) { // that is tlbflush's
			f.Report(pass, name)
		}
	}
	return nil, nil
}
