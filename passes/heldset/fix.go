package heldset

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// fixes returns the edits that mend a violation, the best one first; none if none is safe.
func (f *function) fixes(v lockorder.Violation[Obj], at ssa.Instruction) []analysis.SuggestedFix {
	if ret, ok := at.(*ssa.Return); ok {
		return f.unlockFixes(v, ret)
	}
	if fixes := f.modeFix(v); fixes != nil {
		return fixes
	}
	if fixes := f.assertFix(v); fixes != nil {
		return fixes
	}
	return f.stateFix(v)
}

// stateFix states that the function needs from its callers what is missing. It is safe if the function states nothing yet,
// never takes the lock itself, and can name it.
func (f *function) stateFix(v lockorder.Violation[Obj]) []analysis.SuggestedFix {
	decl, ok := f.ssa.Syntax().(*ast.FuncDecl)
	if !ok || f.contract != nil || v.Rule != lockorder.RuleNotHeld || len(v.Missing) == 0 {
		return nil
	}
	var names, lines []string
	for _, m := range v.Missing {
		name, ok := f.statable(m)
		if !ok {
			return nil
		}
		directive := "must_hold"
		if m.Want != lockorder.WriteMode {
			directive = "must_hold_shared"
		}
		names = append(names, name)
		lines = append(lines, fmt.Sprintf("//mmvet:%s %s", directive, name))
	}
	edit := analysis.TextEdit{Pos: decl.Pos(), End: decl.Pos(), NewText: []byte(strings.Join(lines, "\n") + "\n")}
	if decl.Doc != nil {
		text := "\n" + strings.Join(lines, "\n")
		if last := decl.Doc.List[len(decl.Doc.List)-1].Text; !contract.IsDirective(last) {
			text = "\n//" + text
		}
		edit = analysis.TextEdit{Pos: decl.Doc.End(), End: decl.Doc.End(), NewText: []byte(text)}
	}
	return []analysis.SuggestedFix{{
		Message:   fmt.Sprintf("State that %s needs %s", decl.Name.Name, strings.Join(names, " and ")),
		TextEdits: []analysis.TextEdit{edit},
	}}
}

// statable returns how a directive of the function names a missing lock of ordinary Go, if it may.
func (f *function) statable(m lockorder.Missing[Obj]) (string, bool) {
	if m.Not || m.Pair != "" || m.Have != nil || len(m.Or) > 0 || len(m.Knows) > 0 || len(m.When) > 0 {
		return "", false
	}
	lock := m.Lock
	if lock.Class == nil || f.profile.Class(lock.Class.Name) == lock.Class || f.taken[lock] {
		return "", false
	}
	path, ok := f.pathOf(lock.Of)
	if !ok || slices.Contains(path.Fields, derefName) {
		return "", false
	}
	for i, p := range f.ssa.Params {
		if path.Root == f.paramRoot(p) && p.Name() != "" && p.Name() != "_" {
			return strings.Join(append([]string{f.ssa.Params[i].Name()}, path.Fields...), "."), true
		}
	}
	if path.Root == contract.PackageRoot+f.pkg.pass.Pkg.Path() {
		return strings.Join(path.Fields, "."), true
	}
	return "", false
}

// noteTaken remembers which locks the function takes.
func (f *function) noteTaken(e event, at ssa.Instruction) {
	if e.Op == lockorder.EvAcquire && at.Parent() == f.ssa {
		f.taken[e.Lock] = true
	}
}
