package pairing

import (
	"fmt"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/passes/accesses"
	"github.com/mmvet/mmvet/passes/contract"
)

// mixed reports, in ordinary Go, plain accesses to what is accessed with sync/atomic elsewhere.
func mixed(pass *analysis.Pass, result *accesses.Result) {
	atomic := map[accesses.Place][]*accesses.Access{}
	var plain []*accesses.Access
	inTest := func(a *accesses.Access) bool {
		return strings.HasSuffix(pass.Fset.Position(a.Pos()).Filename, "_test.go")
	}
	for _, f := range result.Functions {
		for _, a := range f.Accesses {
			switch {
			case a.New || inTest(a):
			case a.Atomic:
				atomic[a.Place] = append(atomic[a.Place], a)
			default:
				plain = append(plain, a)
			}
		}
	}
	r := &reporter{pass: pass, result: result, contracts: pass.ResultOf[contract.Analyzer].(*contract.Result)}
	for _, p := range plain {
		for _, a := range atomic[p.Place] {
			if !p.Stores() && !a.Stores() || accesses.Excluded(p.Locks, a.Locks) {
				continue
			}
			verb := "read"
			if p.Stores() {
				verb = "written"
			}
			r.report(p, fmt.Sprintf("%s is %s plainly here and accessed with sync/atomic in %s, with no lock that keeps the two apart",
				p.Place, verb, at(result.KnownOf(a))), nil, r.there(a)...)
			break
		}
	}
	r.flush()
}
