package contractdrift

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/atomicsleep"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/droppedlock"
	"github.com/mmvet/mmvet/passes/guardedby"
	"github.com/mmvet/mmvet/passes/heldset"
	"github.com/mmvet/mmvet/passes/lifetime"
	"github.com/mmvet/mmvet/passes/lockbalance"
	"github.com/mmvet/mmvet/passes/lockcycle"
	"github.com/mmvet/mmvet/passes/lockexcluded"
	"github.com/mmvet/mmvet/passes/lockheld"
	"github.com/mmvet/mmvet/passes/markedaccess"
	"github.com/mmvet/mmvet/passes/nonterminal"
	"github.com/mmvet/mmvet/passes/notifierpair"
	"github.com/mmvet/mmvet/passes/pairing"
	"github.com/mmvet/mmvet/passes/rcuderef"
	"github.com/mmvet/mmvet/passes/recheck"
	"github.com/mmvet/mmvet/passes/seqretry"
	"github.com/mmvet/mmvet/passes/tlbflush"
	"github.com/mmvet/mmvet/passes/uncontrolled"
)

const name = "contractdrift"

// silenceable are the analyzers whose findings //mmvet:ignore can withhold.
var silenceable = []*analysis.Analyzer{
	atomicsleep.Analyzer, guardedby.Analyzer, lockbalance.Analyzer, lockcycle.Analyzer, lockexcluded.Analyzer,
	lockheld.Analyzer, nonterminal.Analyzer, notifierpair.Analyzer, pairing.Analyzer, lifetime.Analyzer,
	droppedlock.Analyzer, recheck.Analyzer, tlbflush.Analyzer, markedaccess.Analyzer, rcuderef.Analyzer, seqretry.Analyzer,
	uncontrolled.Analyzer,
}

// Analyzer reports names, comments and suppressions that disagree with the code.
var Analyzer = &analysis.Analyzer{
	Name:     name,
	Doc:      "check that names, comments and suppressions agree with the code",
	URL:      contract.URL + name,
	Run:      run,
	Requires: append([]*analysis.Analyzer{contract.Analyzer, heldset.Analyzer}, silenceable...),
}

func run(pass *analysis.Pass) (any, error) {
	contracts := pass.ResultOf[contract.Analyzer].(*contract.Result)
	held := pass.ResultOf[heldset.Analyzer].(*heldset.Result)
	report := func(d analysis.Diagnostic) {
		if contracts.Suppressed(name, d.Pos) == nil {
			pass.Report(d)
		}
	}
	used := slices.Clone(held.Silenced)
	for _, a := range silenceable {
		used = append(used, pass.ResultOf[a].(*contract.Suppressions).Used...)
	}
	for _, i := range contracts.Ignores() {
		checkIgnore(pass, i, used)
	}
	for _, d := range contracts.Drifts(pass) {
		report(diagnostic(d.Comment.Pos()+token.Pos(d.Pos), d.Comment.Pos()+token.Pos(d.End), d.Message))
	}
	for _, f := range held.Drift {
		d := diagnostic(f.Pos, f.End, f.Message)
		d.Related = f.Related
		report(d)
	}
	return nil, nil
}

func diagnostic(pos, end token.Pos, message string) analysis.Diagnostic {
	return analysis.Diagnostic{Pos: pos, End: end, Category: name, URL: contract.URL + name, Message: name + ": " + message}
}

// checkIgnore reports a suppression that names no rule, which is an error, or that has nothing to suppress.
func checkIgnore(pass *analysis.Pass, i *contract.Ignore, used []*contract.Ignore) {
	for _, rule := range i.Rules {
		if !slices.Contains(rules(), rule) {
			msg := fmt.Sprintf("%s: //mmvet:ignore %s: no such rule", contract.BadContract, rule)
			if s := lockorder.Suggest(rule, rules()); s != "" {
				msg += "; " + s
			} else {
				msg += "; those are " + strings.Join(rules(), ", ")
			}
			pass.Report(analysis.Diagnostic{
				Pos: i.Pos, End: i.End, Category: contract.BadContract, URL: contract.URL + "contract", Message: msg,
			})
			return
		}
	}
	if slices.Contains(used, i) || slices.Contains(i.Rules, name) {
		return
	}
	d := diagnostic(i.Pos, i.End, fmt.Sprintf("nothing is reported here by %s any more; drop the suppression", strings.Join(i.Rules, ", ")))
	d.SuggestedFixes = []analysis.SuggestedFix{{
		Message: "Drop the suppression", TextEdits: []analysis.TextEdit{{Pos: i.Pos, End: i.End}},
	}}
	pass.Report(d)
}

// rules are the names that a suppression can give.
func rules() []string {
	names := []string{name}
	for _, a := range silenceable {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	return names
}
