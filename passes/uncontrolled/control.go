package uncontrolled

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// control reports what a function does that comes out differently from run to run, or waits where the simulator does not see it.
func (c *checker) control(fn *ssa.Function, task bool) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			switch i := instr.(type) {
			case *ssa.Range:
				if _, ok := i.X.Type().Underlying().(*types.Map); ok && !c.orderless(i) {
					c.report(i.Pos(), "a loop over a map has another order in each run; loop over its sorted keys")
				}
			case *ssa.Go:
				c.report(i.Pos(), "a goroutine runs when it likes; make it a task of the scenario, by Kernel.Go")
			case *ssa.MakeChan, *ssa.Send, *ssa.Select:
				c.channel(instr.Pos())
			case *ssa.UnOp:
				if i.Op == token.ARROW {
					c.channel(i.Pos())
				}
			case ssa.CallInstruction:
				c.call(i, task)
			}
		}
	}
}

func (c *checker) channel(pos token.Pos) {
	c.report(pos, "the simulator does not see who waits for a channel; use a lock, or SmpCondLoadAcquire of a Word")
}

// call reports calls of the standard library that the simulator cannot control.
func (c *checker) call(call ssa.CallInstruction, task bool) {
	if builtin, ok := call.Common().Value.(*ssa.Builtin); ok {
		switch {
		case builtin.Name() == "close":
			c.channel(call.Pos())
		case builtin.Name() == "recover" && task && !panicsAgain(call.Parent()):
			c.report(call.Pos(), "recover swallows the panic by which the simulator stops a task; let it pass")
		}
		return
	}
	callee := call.Common().StaticCallee()
	pkg := (*types.Package)(nil)
	if callee != nil {
		pkg = packageOf(callee)
	}
	if pkg == nil {
		return
	}
	fn := callee.Name()
	if callee.Origin() != nil {
		fn = callee.Origin().Name()
	}
	switch path := pkg.Path(); {
	case path == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}, fn):
		c.report(call.Pos(), "time.%s is another one in each run; no scenario depends on the time", fn)
	case path == "math/rand" || path == "math/rand/v2" || path == "crypto/rand":
		if callee.Signature.Recv() == nil && !strings.HasPrefix(fn, "New") {
			c.report(call.Pos(), "random numbers are others in each run; use Choose, of which the simulator tries all results")
		}
	case path == "maps" && (fn == "Keys" || fn == "Values" || fn == "All") && !sorted(call):
		c.report(call.Pos(), "maps.%s has another order in each run; sort it, as by slices.Sorted", fn)
	case task && (path == "sync" || path == "sync/atomic"):
		c.report(call.Pos(), "the simulator does not see what package %s does; use the locks, words and atomics of kernelshim", path)
	}
}

// panicsAgain reports whether a function panics somewhere.
func panicsAgain(fn *ssa.Function) bool {
	return slices.ContainsFunc(fn.Blocks, func(b *ssa.BasicBlock) bool {
		_, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Panic)
		return ok
	})
}

// sorted reports whether an iterator goes nowhere but into a function that sorts.
func sorted(call ssa.CallInstruction) bool {
	v, ok := call.(ssa.Value)
	return ok && v.Referrers() != nil && len(*v.Referrers()) > 0 && !slices.ContainsFunc(*v.Referrers(), func(use ssa.Instruction) bool {
		if _, ok := use.(*ssa.DebugRef); ok {
			return false
		}
		c, ok := use.(ssa.CallInstruction)
		if !ok || c.Common().StaticCallee() == nil {
			return true
		}
		callee := c.Common().StaticCallee()
		return packageOf(callee) == nil || packageOf(callee).Path() != "slices" || !strings.HasPrefix(callee.Name(), "Sorted")
	})
}

// orderless reports whether a loop over a map does the same in each order: it counts, deletes, fills another map, or collects what
// is sorted in the same function.
func (c *checker) orderless(r *ssa.Range) bool {
	nodes := c.enclosing(r.Pos())
	at := slices.IndexFunc(nodes, func(n ast.Node) bool { _, ok := n.(*ast.RangeStmt); return ok })
	if at < 0 {
		return false
	}
	loop := nodes[at].(*ast.RangeStmt)
	sorts := false
	for _, n := range nodes[at:] {
		var body *ast.BlockStmt
		switch n := n.(type) {
		case *ast.FuncDecl:
			body = n.Body
		case *ast.FuncLit:
			body = n.Body
		default:
			continue
		}
		ast.Inspect(body, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && call.Pos() > loop.End() {
				sorts = sorts || c.isSort(call)
			}
			return true
		})
		break
	}
	return !slices.ContainsFunc(loop.Body.List, func(s ast.Stmt) bool { return !c.commutes(s, sorts) })
}

// isSort reports whether a call sorts.
func (c *checker) isSort(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := c.pass.TypesInfo.Uses[sel.Sel].(*types.Func)
	return ok && fn.Pkg() != nil && (fn.Pkg().Path() == "sort" || fn.Pkg().Path() == "slices" && strings.HasPrefix(fn.Name(), "Sort"))
}

// commutes reports whether a statement of a loop leads to the same in every order.
func (c *checker) commutes(s ast.Stmt, sorts bool) bool {
	switch s := s.(type) {
	case *ast.IncDecStmt:
		return true
	case *ast.AssignStmt:
		if s.Tok == token.ADD_ASSIGN || s.Tok == token.OR_ASSIGN || s.Tok == token.XOR_ASSIGN || s.Tok == token.AND_ASSIGN {
			t, ok := c.pass.TypesInfo.TypeOf(s.Lhs[0]).Underlying().(*types.Basic)
			return ok && t.Info()&types.IsInteger != 0
		}
		if _, index := s.Lhs[0].(*ast.IndexExpr); index && len(s.Lhs) == 1 {
			return true
		}
		call, ok := s.Rhs[0].(*ast.CallExpr)
		if !ok || len(s.Rhs) > 1 {
			return false
		}
		id, ok := call.Fun.(*ast.Ident)
		return ok && id.Name == "append" && sorts
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		id, ok := call.Fun.(*ast.Ident)
		return ok && id.Name == "delete"
	}
	return false
}
