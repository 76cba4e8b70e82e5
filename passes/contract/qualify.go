package contract

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/mmvet/mmvet/lockorder"
)

// qualify adds the conditions which an annotation of another tool leaves to its readers, because that tool has no words for
// them: a function that may fail, or only tries, returns with the lock where it says that it has it, and where a pointer is
// nil, as the body shows that it may be, there is no lock. The bodies force the other paths.
func (r *reader) qualify(c *lockorder.Clause, fn *ast.FuncDecl) {
	if c.Verb != lockorder.Acquires && c.Verb != lockorder.Releases {
		return
	}
	sig := r.pass.TypesInfo.Defs[fn.Name].(*types.Func).Signature()
	root := c.Lock.Of.Root
	exists := lockorder.Cond{{Path: lockorder.Path{Root: root}, Op: lockorder.NonZero}}
	switch i := slices.Index(r.fact.Results, root); {
	case slices.Contains(r.fact.Params, root) && testsNil(fn.Body, root):
		c.If = exists
	case i >= 0 && !IsError(sig.Results().At(sig.Results().Len()-1).Type()) && returnsNil(fn.Body, i):
		c.On = exists
	}
	if c.Verb == lockorder.Acquires && len(c.On) == 0 {
		c.On = onSuccess(sig.Results())
	}
}

// testsNil says whether a body compares a variable with nil.
func testsNil(body *ast.BlockStmt, name string) bool {
	if body == nil {
		return false
	}
	for n := range ast.Preorder(body) {
		if cmp, ok := n.(*ast.BinaryExpr); ok && (cmp.Op == token.EQL || cmp.Op == token.NEQ) && isName(cmp.X, name) && isName(cmp.Y, "nil") {
			return true
		}
	}
	return false
}

// returnsNil says whether a body returns nil as the i-th result somewhere.
func returnsNil(body *ast.BlockStmt, i int) bool {
	if body == nil {
		return false
	}
	for n := range ast.Preorder(body) {
		if ret, ok := n.(*ast.ReturnStmt); ok && i < len(ret.Results) && isName(ret.Results[i], "nil") {
			return true
		}
	}
	return false
}

func isName(e ast.Expr, name string) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && id.Name == name
}

// onSuccess is the condition under which a function that may fail or only tries has done what it is for: the last result is
// no error, or the only one is true.
func onSuccess(results *types.Tuple) lockorder.Cond {
	n := results.Len() - 1
	if n < 0 {
		return nil
	}
	t, op := results.At(n).Type(), lockorder.Zero
	switch basic, _ := t.Underlying().(*types.Basic); {
	case IsError(t):
	case n == 0 && basic != nil && basic.Info()&types.IsBoolean != 0:
		op = lockorder.NonZero
	default:
		return nil
	}
	return lockorder.Cond{{Path: lockorder.Path{Root: ResultName(n)}, Op: op}}
}

// IsError says whether t is error, or an interface that a module uses in its place, as tcpip.Error of gVisor.
func IsError(t types.Type) bool {
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		return true
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && types.IsInterface(n) && n.Obj().Name() == "Error"
}
