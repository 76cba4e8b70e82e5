package accesses

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/passes/contract"
)

// Extent returns the source range of an access: of the call, or of the expression.
func (r *Result) Extent(a *Access) (start, end token.Pos) {
	start, end = a.At.Pos(), a.At.Pos()
	if call, _ := r.call(a); call != nil {
		return call.Pos(), call.End()
	}
	return start, end
}

// Instead returns the fix that uses another primitive for an access: WriteOnce(&x.f, v) instead of x.f.Set(v). None, if the
// access is no call of a primitive.
func (r *Result) Instead(a *Access, prim string) []analysis.SuggestedFix {
	call, file := r.call(a)
	if call == nil || !r.isPrimitive(call) {
		return nil
	}
	name := qualifier(file) + mm.GoName(prim)
	edits := []analysis.TextEdit{{Pos: call.Fun.Pos(), End: call.Fun.End(), NewText: []byte(name)}}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && r.pass.TypesInfo.Selections[sel] != nil {
		ref := "&"
		if _, isPointer := r.pass.TypesInfo.TypeOf(sel.X).Underlying().(*types.Pointer); isPointer {
			ref = ""
		}
		comma := ", "
		if len(call.Args) == 0 {
			comma = ""
		}
		edits = []analysis.TextEdit{
			{Pos: call.Pos(), End: call.Pos(), NewText: []byte(name + "(" + ref)},
			{Pos: sel.X.End(), End: call.Lparen + 1, NewText: []byte(comma)},
		}
	}
	return []analysis.SuggestedFix{{Message: fmt.Sprintf("Use %s", mm.GoName(prim)), TextEdits: edits}}
}

// Before returns the fix that calls a primitive without arguments, a fence, in a statement of its own before an access that
// is a statement.
func (r *Result) Before(a *Access, prim string) []analysis.SuggestedFix {
	call, file := r.call(a)
	if call == nil || !r.isStatement(call) {
		return nil
	}
	text := qualifier(file) + mm.GoName(prim) + "()"
	return []analysis.SuggestedFix{{
		Message:   "Insert " + mm.GoName(prim),
		TextEdits: []analysis.TextEdit{{Pos: call.Pos(), End: call.Pos(), NewText: []byte(text + "\n")}},
	}}
}

// call finds the call that an access is, and the file that it stands in; nil if it is none.
func (r *Result) call(a *Access) (*ast.CallExpr, *ast.File) {
	pos := a.At.Pos()
	for _, file := range r.pass.Files {
		if pos < file.FileStart || pos >= file.FileEnd {
			continue
		}
		r.findCalls.Do(func() {
			r.calls = map[token.Pos]*ast.CallExpr{}
			for n := range inspector.All[*ast.CallExpr](inspector.New(r.pass.Files)) {
				r.calls[n.Lparen] = n
			}
		})
		return r.calls[pos], file
	}
	return nil, nil
}

func (r *Result) isStatement(call *ast.CallExpr) bool {
	for n := range inspector.All[*ast.ExprStmt](inspector.New(r.pass.Files)) {
		if n.X == call {
			return true
		}
	}
	return false
}

func (r *Result) isPrimitive(call *ast.CallExpr) bool {
	fn := typeutil.StaticCallee(r.pass.TypesInfo, call)
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == contract.ShimPath
}

// qualifier returns how a file names package kernelshim in front of its functions.
func qualifier(file *ast.File) string {
	for _, spec := range file.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil && path == contract.ShimPath {
			switch {
			case spec.Name == nil:
				return "kernelshim."
			case spec.Name.Name == ".":
				return ""
			}
			return spec.Name.Name + "."
		}
	}
	return ""
}
