package heldset

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

var unlocks = map[string]string{"Lock": "Unlock", "RLock": "RUnlock"}

// unlockFixes returns the edits that give back a lock which is still held at a return: by an Unlock before it, or for all
// returns by defer, where that does what the other Unlocks do.
func (f *function) unlockFixes(v lockorder.Violation[Obj], ret *ssa.Return) []analysis.SuggestedFix {
	if v.Rule != lockorder.RuleLeak || v.Maybe || v.Holder == nil || f.contract != nil {
		return nil
	}
	lock, method := f.pkg.source.writtenLock(token.Pos(v.Holder.Site))
	unlock := unlocks[method]
	taken := f.lockCalls(lock, method)
	if unlock == "" || len(taken) != 1 || taken[0].stmt == nil || taken[0].defers || !f.names(v.Holder.Lock, lock) {
		return nil
	}
	var out []analysis.SuggestedFix
	if fix, ok := f.unlockBefore(ret, lock+"."+unlock+"()"); ok {
		out = append(out, fix)
	}
	if fix, ok := f.unlockByDefer(taken[0], lock, unlock); ok {
		out = append(out, fix)
	}
	return out
}

// names says whether the text is the path of the lock as the function knows it on entry, so that it means this lock anywhere in
// the function.
func (f *function) names(l lockorder.Lock[Obj], text string) bool {
	name := f.name(l.Of)
	return name == text || strings.HasPrefix(name, text+".") && strings.HasSuffix(name, "utex")
}

func (f *function) unlockBefore(ret *ssa.Return, call string) (analysis.SuggestedFix, bool) {
	stmt := f.returnAt(ret)
	if stmt == nil || !plain(stmt.Results) {
		return analysis.SuggestedFix{}, false
	}
	return analysis.SuggestedFix{
		Message:   "Unlock before the return",
		TextEdits: []analysis.TextEdit{{Pos: stmt.Pos(), End: stmt.Pos(), NewText: []byte(call + "\n" + f.indent(stmt))}},
	}, true
}

// unlockByDefer replaces the Unlocks of the function by one deferred: they must be the last that is done before a return.
func (f *function) unlockByDefer(taken lockCall, lock, unlock string) (analysis.SuggestedFix, bool) {
	body := f.body()
	fix := analysis.SuggestedFix{Message: fmt.Sprintf("Defer %s.%s", lock, unlock)}
	if len(taken.list) == 0 || len(body.List) == 0 || &taken.list[0] != &body.List[0] {
		return fix, false // in a loop or branch
	}
	fix.TextEdits = []analysis.TextEdit{{
		Pos: taken.stmt.End(), End: taken.stmt.End(), NewText: fmt.Appendf(nil, "\n%sdefer %s.%s()", f.indent(taken.stmt), lock, unlock),
	}}
	for _, u := range f.lockCalls(lock, unlock) {
		if u.defers || !endsWith(u, body) {
			return fix, false
		}
		end := u.stmt.End()
		if u.at+1 < len(u.list) {
			end = u.list[u.at+1].Pos()
		}
		fix.TextEdits = append(fix.TextEdits, analysis.TextEdit{Pos: u.stmt.Pos(), End: end})
	}
	return fix, true
}

// endsWith says whether nothing but a return of plain values follows a statement.
func endsWith(u lockCall, body *ast.BlockStmt) bool {
	if u.at+1 == len(u.list) {
		return &u.list[0] == &body.List[0]
	}
	ret, ok := u.list[u.at+1].(*ast.ReturnStmt)
	return ok && plain(ret.Results)
}
