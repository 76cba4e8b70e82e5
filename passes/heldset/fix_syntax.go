package heldset

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// body returns the block of the function in the source, or nil.
func (f *function) body() *ast.BlockStmt {
	switch n := f.ssa.Syntax().(type) {
	case *ast.FuncDecl:
		return n.Body
	case *ast.FuncLit:
		return n.Body
	}
	return nil
}

// A lockCall is a call like s.mu.Lock() in the source of a function.
type lockCall struct {
	lock   string // "s.mu"
	method *ast.Ident
	call   *ast.CallExpr
	stmt   ast.Stmt // the statement that the call is; nil if it is part of another one
	defers bool
	// list is what the statement stands in, at is its place there.
	list []ast.Stmt
	at   int
}

// lockCalls returns the calls of methods of a name in the function, without those in function literals.
func (f *function) lockCalls(lock string, methods ...string) []lockCall {
	body := f.body()
	if body == nil {
		return nil
	}
	var out []lockCall
	add := func(call *ast.CallExpr, c lockCall) {
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && slices.Contains(methods, sel.Sel.Name) {
			c.lock, c.method, c.call = types.ExprString(sel.X), sel.Sel, call
			if c.lock == lock {
				out = append(out, c)
			}
		}
	}
	statements := func(list []ast.Stmt) {
		for i, s := range list {
			switch s := s.(type) {
			case *ast.ExprStmt:
				if call, ok := s.X.(*ast.CallExpr); ok {
					add(call, lockCall{stmt: s, list: list, at: i})
				}
			case *ast.DeferStmt:
				add(s.Call, lockCall{stmt: s, list: list, at: i, defers: true})
			}
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BlockStmt:
			statements(n.List)
		case *ast.CaseClause:
			statements(n.Body)
		case *ast.CommClause:
			statements(n.Body)
		}
		return true
	})
	return out
}

// writtenLock returns how the source names the lock that the call behind a position takes or gives back, and by which method:
// "s.mu", "Lock".
func (s *source) writtenLock(pos token.Pos) (lock, method string) {
	call, ok := s.calls[pos].(*ast.CallExpr)
	if !ok {
		return "", ""
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	return types.ExprString(sel.X), sel.Sel.Name
}

// indent is the white space before a statement, which stands alone on its line in formatted code.
func (f *function) indent(stmt ast.Node) string {
	column := f.pkg.pass.Fset.Position(stmt.Pos()).Column
	tabs := make([]byte, max(0, column-1))
	for i := range tabs {
		tabs[i] = '\t'
	}
	return string(tabs)
}

// returnAt returns the statement of a return, or nil for the end of the function.
func (f *function) returnAt(ret *ssa.Return) *ast.ReturnStmt {
	body := f.body()
	if body == nil || !ret.Pos().IsValid() {
		return nil
	}
	var found *ast.ReturnStmt
	ast.Inspect(body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok && r.Return == ret.Pos() {
			found = r
		}
		return found == nil
	})
	return found
}

// plain says whether expressions mean the same with and without the lock: constants and variables.
func plain(exprs []ast.Expr) bool {
	return !slices.ContainsFunc(exprs, func(e ast.Expr) bool {
		switch e := ast.Unparen(e).(type) {
		case *ast.Ident, *ast.BasicLit:
			return false
		case *ast.UnaryExpr:
			return !plain([]ast.Expr{e.X})
		case *ast.CompositeLit:
			return len(e.Elts) > 0
		}
		return true
	})
}
