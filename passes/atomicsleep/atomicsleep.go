package atomicsleep

import (
	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

const name = "atomicsleep"

// Analyzer reports calls that may sleep in atomic context.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that nothing sleeps under a spinlock, in an RCU section or with interrupts off",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{heldset.Analyzer},
})

func run(pass *analysis.Pass) (any, error) {
	for _, f := range pass.ResultOf[heldset.Analyzer].(*heldset.Result).Findings {
		if f.Rule == lockorder.RuleSleep {
			f.Report(pass, name)
		}
	}
	return nil, nil
}
