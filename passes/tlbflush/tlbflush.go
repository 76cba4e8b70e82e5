package tlbflush

import (
	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

const name = "tlbflush"

// Analyzer reports TLB flushes that are missing, too late or too short.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that cleared page-table entries are flushed in time",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{heldset.Analyzer},
})

func run(pass *analysis.Pass) (any, error) {
	for _, f := range pass.ResultOf[heldset.Analyzer].(*heldset.Result).Findings {
		if f.Flush() || f.Pair == string(mm.PairMmuGather) {
			f.Report(pass, name)
		}
	}
	return nil, nil
}
