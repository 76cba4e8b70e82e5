package mmvet_test

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// releases says which calls give back what a call takes. Who takes is left out together with all that give it back.
var releases = map[string][]string{
	"MmapWriteLock": {"MmapWriteUnlock", "MmapWriteDowngrade"}, "MmapReadLock": {"MmapReadUnlock"},
	"IMmapLockWrite": {"IMmapUnlockWrite"}, "IMmapLockRead": {"IMmapUnlockRead"},
	"AnonVmaLockWrite": {"AnonVmaUnlockWrite"}, "AnonVmaLockRead": {"AnonVmaUnlockRead"},
	"SpinLock": {"SpinUnlock"}, "SpinLockNested": {"SpinUnlock"}, "RcuReadLock": {"RcuReadUnlock"},
	"LocalIrqSave": {"LocalIrqRestore"}, "FolioLock": {"FolioUnlock"}, "LockPage": {"UnlockPage"},
	"MmuNotifierInvalidateRangeStart": {"MmuNotifierInvalidateRangeEnd"},
	"RawWriteSeqcountBegin":           {"RawWriteSeqcountEnd"},
	"TaskLock":                        {"TaskUnlock"},
}

// silent are calls without an effect that a task could have: what they say is for lockdep, or for the reader.
var silent = []string{"CondResched", "MmapAssertLocked", "MmapAssertWriteLocked", "LockdepAssertHeld", "LockdepAssertHeldWrite",
	"LockdepAssertHeldRead", "VmBugOn", "BugOn", "WarnOn", "WarnOnOnce", "Assert"}

// weaker are calls that become weaker ones: mutants.go of the overlay has the functions.
var weaker = map[string]string{
	"SmpStoreRelease": "WriteOnce", "SmpLoadAcquire": "ReadOnce", "WriteOnce": "a plain store",
}

// shimPackages are the names of the packages whose calls are left out: primitives, and ports that stories use like primitives.
var shimPackages = []string{"kernelshim", "actors", "vma", "vmarefcnt", "khugepaged"}

// mutate adds the mutants of one function.
func (s *schema) mutate(fn *ast.FuncDecl, shim map[string]bool) {
	off := map[ast.Node][]int{} // statements, by the mutants that leave them out
	var calls []*ast.ExprStmt
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ExprStmt:
			if name, ok := s.shimCall(n.X, shim); ok && !slices.Contains(silent, name) {
				calls = append(calls, n)
				off[n] = append(off[n], s.add(fn, "without "+s.text(n), s.without(n)))
			}
		case *ast.IfStmt:
			s.mutateCheck(fn, n)
		case *ast.CallExpr:
			s.weaken(fn, n, shim)
		}
		return true
	})
	for _, take := range calls {
		s.mutatePair(fn, take, calls, off)
	}
	s.mutatePmdLock(fn, calls, off)
	for _, n := range calls {
		var tests []string
		for _, m := range off[n] {
			tests = append(tests, fmt.Sprintf("mutantOff(%d)", m))
		}
		s.edits = append(s.edits, edit{s.offset(n.Pos()), s.offset(n.Pos()), "if " + strings.Join(tests, " && ") + " {\n"},
			edit{s.offset(n.End()), s.offset(n.End()), "\n}"})
	}
}

// without leaves a statement out; what it speaks of is still used.
func (s *schema) without(n *ast.ExprStmt) edit {
	uses := ""
	if call, ok := n.X.(*ast.CallExpr); ok && len(call.Args) > 0 {
		if id, ok := call.Args[0].(*ast.Ident); ok {
			uses = "_ = " + id.Name
		}
	}
	return edit{s.offset(n.Pos()), s.offset(n.End()), uses}
}

// shimCall returns the name of the function of kernelshim that an expression calls: also of the method by which a word is stored.
func (s *schema) shimCall(x ast.Expr, shim map[string]bool) (string, bool) {
	call, ok := x.(*ast.CallExpr)
	if !ok {
		return "", false
	}
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name, shim[f.Name]
	case *ast.SelectorExpr:
		pkg, isID := f.X.(*ast.Ident)
		return f.Sel.Name, f.Sel.Name == "Set" || isID && shim[f.Sel.Name] && slices.Contains(shimPackages, pkg.Name)
	}
	return "", false
}

// mutateCheck takes a check away that gives up or tries again.
func (s *schema) mutateCheck(fn *ast.FuncDecl, n *ast.IfStmt) {
	if len(n.Body.List) == 0 || n.Else != nil {
		return
	}
	switch n.Body.List[len(n.Body.List)-1].(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
	default:
		return
	}
	from, to := s.offset(n.Cond.Pos()), s.offset(n.Cond.End())
	m := s.add(fn, "without the check "+s.text(n.Cond), edit{from, from, "false && ("}, edit{to, to, ")"})
	s.edits = append(s.edits, edit{from, from, fmt.Sprintf("mutantOff(%d) && (", m)}, edit{to, to, ")"})
}

// weaken makes an ordered access a weaker one.
func (s *schema) weaken(fn *ast.FuncDecl, n *ast.CallExpr, shim map[string]bool) {
	name, ok := s.shimCall(n, shim)
	if !ok || weaker[name] == "" {
		return
	}
	from, to := s.offset(n.Fun.Pos()), s.offset(n.Fun.End())
	alone := edit{from, to, strings.TrimSuffix(s.text(n.Fun), name) + weaker[name]}
	if name == "WriteOnce" {
		alone = edit{from, s.offset(n.End()), fmt.Sprintf("(%s).Set(%s)", s.text(n.Args[0]), s.text(n.Args[1]))}
	}
	m := s.add(fn, fmt.Sprintf("%s for %s", weaker[name], s.text(n)), alone)
	s.edits = append(s.edits, edit{from, s.offset(n.Lparen) + 1, fmt.Sprintf("mutant%s(%d, ", name, m)})
}

// mutatePair leaves both ends of a lock or a bracket out.
func (s *schema) mutatePair(fn *ast.FuncDecl, take *ast.ExprStmt, calls []*ast.ExprStmt, off map[ast.Node][]int) {
	call := take.X.(*ast.CallExpr)
	ends := releases[s.funName(call)]
	if ends == nil {
		return
	}
	both := []*ast.ExprStmt{take}
	for _, n := range calls {
		c := n.X.(*ast.CallExpr)
		if slices.Contains(ends, s.funName(c)) && s.firstArg(c) == s.firstArg(call) {
			both = append(both, n)
		}
	}
	s.leaveOut(fn, "without "+s.text(take)+" and what ends it", both, off)
}

// leaveOut makes one mutant without several statements.
func (s *schema) leaveOut(fn *ast.FuncDecl, what string, stmts []*ast.ExprStmt, off map[ast.Node][]int, more ...edit) int {
	edits := more
	for _, n := range stmts {
		edits = append(edits, s.without(n))
	}
	m := s.add(fn, what, edits...)
	for _, n := range stmts {
		off[n] = append(off[n], m)
	}
	return m
}

// mutatePmdLock leaves out locks that come with a result: ptl := PmdLock(mm, pmd) … SpinUnlock(ptl).
func (s *schema) mutatePmdLock(fn *ast.FuncDecl, calls []*ast.ExprStmt, off map[ast.Node][]int) {
	ast.Inspect(fn, func(n ast.Node) bool {
		assign, ok := n.(*ast.AssignStmt)
		if !ok || len(assign.Lhs) != 1 || len(assign.Rhs) != 1 {
			return true
		}
		call, ok := assign.Rhs[0].(*ast.CallExpr)
		if !ok || s.funName(call) != "PmdLock" {
			return true
		}
		var unlocks []*ast.ExprStmt
		for _, u := range calls {
			if c := u.X.(*ast.CallExpr); s.funName(c) == "SpinUnlock" && s.firstArg(c) == s.text(assign.Lhs[0]) {
				unlocks = append(unlocks, u)
			}
		}
		from, to := s.offset(call.Fun.Pos()), s.offset(call.Fun.End())
		m := s.leaveOut(fn, "without the lock of "+s.text(assign), unlocks, off, edit{from, to, "PmdLockptr"})
		s.edits = append(s.edits, edit{from, s.offset(call.Lparen) + 1, fmt.Sprintf("mutantPmdLock(%d, ", m)})
		return true
	})
}

func (s *schema) funName(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// firstArg returns the text of the first argument: what is locked.
func (s *schema) firstArg(c *ast.CallExpr) string {
	if len(c.Args) == 0 {
		return ""
	}
	return s.text(c.Args[0])
}
