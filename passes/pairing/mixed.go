package pairing

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/passes/accesses"
	"github.com/mmvet/mmvet/passes/contract"
)

// racy matches what the comment of a function says whose plain access is meant.
var racy = regexp.MustCompile(`(?i)\b(racy|data race|non-?atomic(ally)?|not atomic|without (using )?synchroni[sz]ation)\b`)

// admitted says whether the comment of a function admits that its accesses race.
func admitted(fn *ssa.Function) bool {
	decl, ok := fn.Syntax().(*ast.FuncDecl)
	return ok && racy.MatchString(decl.Doc.Text())
}

// initialises says whether an access is a write of a method by which an object is set up, before anybody else knows it: by
// custom it is named Init.
func initialises(fn *ssa.Function, a *accesses.Access) bool {
	return a.Stores() && fn.Signature.Recv() != nil && strings.EqualFold(fn.Name(), "init") && a.Object == fn.Params[0]
}

// mixed reports, in ordinary Go, plain accesses to what is accessed with sync/atomic elsewhere.
func mixed(pass *analysis.Pass, result *accesses.Result) {
	atomic := map[accesses.Place][]*accesses.Access{}
	var plain []*accesses.Access
	for _, f := range result.Functions {
		for _, a := range f.Accesses {
			switch {
			case a.New || a.Handed() || !a.Atomic && (admitted(f.Fn) || initialises(f.Fn, a)):
			case a.Atomic:
				atomic[a.Place] = append(atomic[a.Place], a)
			default:
				plain = append(plain, a)
			}
		}
	}
	r := &reporter{pass: pass, result: result, contracts: pass.ResultOf[contract.Analyzer].(*contract.Result)}
	written := map[token.Pos]bool{}
	for _, p := range plain {
		if p.Stores() {
			written[p.Pos()] = true
		}
	}
	for _, p := range plain {
		if !p.Stores() && written[p.Pos()] {
			continue // x++ both reads and writes: the write needs more
		}
		for _, a := range atomic[p.Place] {
			if !p.Stores() && !a.Stores() || accesses.Excluded(p.Possible(), a.Possible()) {
				continue
			}
			verb := "read"
			if p.Stores() {
				verb = "written"
			}
			fixes := r.atomically(p)
			r.report(p, fmt.Sprintf("%s is %s plainly here and accessed with sync/atomic in %s, with no lock that keeps the two apart%s",
				p.Place, verb, at(result.KnownOf(a)), cure(fixes)), fixes, r.there(a)...)
			break
		}
	}
	r.flush()
}
