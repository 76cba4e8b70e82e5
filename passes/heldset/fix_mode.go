package heldset

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// modeFix takes for writing the lock that is held for reading only: RLock becomes Lock.
func (f *function) modeFix(v lockorder.Violation[Obj]) []analysis.SuggestedFix {
	if v.Rule != lockorder.RuleNotHeld || len(v.Missing) != 1 || v.Missing[0].Have == nil || v.Missing[0].Want != lockorder.WriteMode {
		return nil
	}
	have := v.Missing[0].Have
	lock, method := f.pkg.source.writtenLock(token.Pos(have.Site))
	if method != "RLock" || have.Mode != lockorder.ReadMode {
		return nil
	}
	taken := f.lockCalls(lock, "RLock")
	if len(taken) != 1 {
		return nil
	}
	fix := analysis.SuggestedFix{Message: fmt.Sprintf("Lock %s for writing", lock)}
	for _, c := range append(taken, f.lockCalls(lock, "RUnlock")...) {
		name := strings.TrimPrefix(c.method.Name, "R")
		fix.TextEdits = append(fix.TextEdits, analysis.TextEdit{Pos: c.method.Pos(), End: c.method.End(), NewText: []byte(name)})
	}
	return []analysis.SuggestedFix{fix}
}

// assertFix inserts the kernel's assertion of what is missing, which states it for the callers.
func (f *function) assertFix(v lockorder.Violation[Obj]) []analysis.SuggestedFix {
	body := f.body()
	if v.Rule != lockorder.RuleNotHeld || f.pkg.shim == nil || body == nil || f.ssa.Parent() != nil {
		return nil
	}
	var names, lines []string
	for _, m := range v.Missing {
		param, ok := f.assertable(m)
		if !ok {
			return nil
		}
		assertion := f.assertion(m)
		qualifier, imported := f.shimName(body.Pos())
		if assertion == "" || !imported {
			return nil
		}
		names = append(names, assertion)
		lines = append(lines, "\n\t"+qualifier+assertion+"("+param+")")
	}
	if len(lines) == 0 {
		return nil
	}
	return []analysis.SuggestedFix{{
		Message:   "Insert " + strings.Join(names, " and "),
		TextEdits: []analysis.TextEdit{{Pos: body.Lbrace + 1, End: body.Lbrace + 1, NewText: []byte(strings.Join(lines, ""))}},
	}}
}

// assertable returns the parameter whose lock is missing, if the function never takes it itself.
func (f *function) assertable(m lockorder.Missing[Obj]) (string, bool) {
	if m.Not || m.Pair != "" || m.Have != nil || len(m.Or) > 0 || len(m.Knows) > 0 || len(m.When) > 0 || m.Lock.Class == nil || f.taken[m.Lock] {
		return "", false
	}
	path, ok := f.pathOf(m.Lock.Of)
	if !ok || len(path.Fields) > 0 {
		return "", false
	}
	for _, p := range f.ssa.Params {
		if path.Root == f.paramRoot(p) && p.Name() != "" && p.Name() != "_" {
			return p.Name(), true
		}
	}
	return "", false
}

// assertion returns the function of the shim that asserts a lock of its only parameter in the mode that is wanted, and
// nothing else; "" if there is none.
func (f *function) assertion(m lockorder.Missing[Obj]) string {
	scope := f.pkg.shim.Scope()
	for _, name := range scope.Names() {
		fn, ok := scope.Lookup(name).(*types.Func)
		if !ok || !strings.Contains(name, "Assert") {
			continue
		}
		c := f.pkg.contracts.Of(fn, f.profile)
		if c == nil || len(c.Params) != 1 || len(c.Clauses) != 1 {
			continue
		}
		need := c.Clauses[0].Need
		want := need.Mode == m.Want || need.Mode == lockorder.AnyMode && m.Want != lockorder.WriteMode
		if c.Clauses[0].Verb == lockorder.Requires && need.Op == lockorder.NeedLock && need.Lock.Class == m.Lock.Class.Name && want &&
			need.Lock.Of.Root == c.Params[0] && len(need.Lock.Of.Fields) == 0 {
			return name
		}
	}
	return ""
}

// shimName returns how the file at pos names the shim: "" for a dot import, "kernelshim.".
func (f *function) shimName(pos token.Pos) (string, bool) {
	for _, file := range f.pkg.pass.Files {
		if file.FileStart > pos || pos > file.FileEnd {
			continue
		}
		for _, spec := range file.Imports {
			switch {
			case strings.Trim(spec.Path.Value, `"`) != contract.ShimPath:
			case spec.Name == nil:
				return "kernelshim.", true
			case spec.Name.Name == ".":
				return "", true
			case spec.Name.Name != "_":
				return spec.Name.Name + ".", true
			}
		}
	}
	return "", false
}
