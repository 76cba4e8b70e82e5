package nonterminal

import (
	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

const name = "nonterminal"

// Analyzer reports changes of non-terminal page-table entries that other walkers can see.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that page tables are removed only where no walk can reach them",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{heldset.Analyzer},
})

// tableOps are the operations on non-terminal entries.
var tableOps = map[string]bool{
	string(mm.OpRemoveTable): true, string(mm.OpClearTable): true, string(mm.OpMoveTable): true,
	string(mm.OpFreeTables): true, string(mm.OpInstallTable): true, string(mm.OpUnshareTable): true,
	string(mm.OpFreeTable): true,
}

func run(pass *analysis.Pass) (any, error) {
	for _, f := range pass.ResultOf[heldset.Analyzer].(*heldset.Result).Findings {
		if (f.Rule == lockorder.RuleOp || f.Rule == lockorder.RuleDuty && !f.Flush()) && tableOps[f.Op] {
			f.Report(pass, name)
		}
	}
	return nil, nil
}
