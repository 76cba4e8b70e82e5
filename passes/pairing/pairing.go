package pairing

import (
	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/passes/accesses"
	"github.com/mmvet/mmvet/passes/contract"
)

const name = "pairing"

// Analyzer reports publication without order.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that what is published by a store is ordered before it, and what is read after a load behind it",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{accesses.Analyzer, contract.Analyzer},
})

func run(pass *analysis.Pass) (any, error) {
	result := pass.ResultOf[accesses.Analyzer].(*accesses.Result)
	if !result.Shim {
		mixed(pass, result)
		return nil, nil
	}
	r := &reporter{pass: pass, result: result, contracts: pass.ResultOf[contract.Analyzer].(*contract.Result)}
	r.declared()
	r.inferred(result.Sides)
	r.misplaced(result.Sides)
	r.flush()
	return nil, nil
}
