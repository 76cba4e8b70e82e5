package lockheld

import (
	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

const name = "lockheld"

// Analyzer reports locks that are needed but not held.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that the locks a function needs are held where it is called",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{heldset.Analyzer},
})

func run(pass *analysis.Pass) (any, error) {
	for _, f := range pass.ResultOf[heldset.Analyzer].(*heldset.Result).Findings {
		if f.Deref {
			continue // rcuderef's
		}
		switch f.Rule {
		case lockorder.RuleNotHeld, lockorder.RuleReturnUnheld: // RuleUnknown is recheck's
			f.Report(pass, name)
		}
	}
	return nil, nil
}
