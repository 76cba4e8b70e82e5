package pairing

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"

	"github.com/mmvet/mmvet/passes/accesses"
)

// atomicTypes are the types that sync/atomic has functions for, by the end of the functions' names.
var atomicTypes = map[types.BasicKind]string{
	types.Int32: "Int32", types.Int64: "Int64", types.Uint32: "Uint32", types.Uint64: "Uint64", types.Uintptr: "Uintptr",
}

// atomically returns the fix that makes a plain access with sync/atomic; nil if that takes more than one call.
func (r *reporter) atomically(a *accesses.Access) []analysis.SuggestedFix {
	for _, file := range r.pass.Files {
		if a.Pos() < file.FileStart || a.Pos() >= file.FileEnd || !importsAtomic(file) {
			continue
		}
		path, _ := astutil.PathEnclosingInterval(file, a.Pos(), a.Pos())
		operand, rest := operandAt(path)
		if operand == nil {
			return nil
		}
		basic, ok := r.pass.TypesInfo.TypeOf(operand).(*types.Basic)
		if !ok || atomicTypes[basic.Kind()] == "" {
			return nil
		}
		return rewritten(a, operand, rest, atomicTypes[basic.Kind()])
	}
	return nil
}

func importsAtomic(file *ast.File) bool {
	for _, spec := range file.Imports {
		if spec.Path.Value == `"sync/atomic"` && spec.Name == nil {
			return true
		}
	}
	return false
}

// operandAt returns the field or variable whose name the path starts at, and what it stands in.
func operandAt(path []ast.Node) (operand ast.Expr, in ast.Node) {
	id, ok := path[0].(*ast.Ident)
	if !ok || len(path) < 3 {
		return nil, nil
	}
	if sel, ok := path[1].(*ast.SelectorExpr); ok && sel.Sel == id {
		return sel, path[2]
	}
	return id, path[1]
}

// rewritten replaces a load, or a statement that stores or adds.
func rewritten(a *accesses.Access, operand ast.Expr, in ast.Node, suffix string) []analysis.SuggestedFix {
	fix := func(message string, edits ...analysis.TextEdit) []analysis.SuggestedFix {
		return []analysis.SuggestedFix{{Message: message, TextEdits: edits}}
	}
	insert := func(pos, end token.Pos, text string) analysis.TextEdit {
		return analysis.TextEdit{Pos: pos, End: end, NewText: []byte(text)}
	}
	start := func(op string) analysis.TextEdit {
		return insert(operand.Pos(), operand.Pos(), fmt.Sprintf("atomic.%s%s(&", op, suffix))
	}
	switch stmt := in.(type) {
	case *ast.AssignStmt:
		if len(stmt.Lhs) != 1 || stmt.Lhs[0] != operand {
			break
		}
		op := map[token.Token]string{token.ASSIGN: "Store", token.ADD_ASSIGN: "Add"}[stmt.Tok]
		if op == "" {
			return nil
		}
		return fix("Use atomic."+op+suffix, start(op), insert(operand.End(), stmt.Rhs[0].Pos(), ", "), insert(stmt.End(), stmt.End(), ")"))
	case *ast.IncDecStmt:
		delta := map[token.Token]string{token.INC: ", 1)"}[stmt.Tok]
		if delta == "" && suffix[0] == 'I' {
			delta = ", -1)"
		}
		if delta == "" {
			return nil
		}
		return fix("Use atomic.Add"+suffix, start("Add"), insert(operand.End(), stmt.End(), delta))
	case *ast.UnaryExpr:
		if stmt.Op == token.AND {
			return nil
		}
	}
	if a.Stores() {
		return nil
	}
	return fix("Use atomic.Load"+suffix, start("Load"), insert(operand.End(), operand.End(), ")"))
}
