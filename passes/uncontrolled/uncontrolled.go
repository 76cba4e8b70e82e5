package uncontrolled

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/ast/astutil"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/passes/contract"
)

const name = "uncontrolled"

// Analyzer reports what the simulator cannot control in the tasks of a scenario.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that the tasks of a scenario depend on nothing but what the simulator decides",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{buildssa.Analyzer, contract.Analyzer},
})

// A role says what a function is to the simulator.
type role uint8

const (
	ordinary role = iota
	setup         // runs when a scenario is set up
	task          // runs in a task, by replay
)

// checker checks one package.
type checker struct {
	pass     *analysis.Pass
	roles    map[*ssa.Function]role
	reported map[token.Pos]bool
	callers  map[*ssa.Function][]*ssa.CallCommon
	written  []write      // what tasks write that is not their own
	read     map[any]bool // and what they read
}

func run(pass *analysis.Pass) (any, error) {
	if !uses(pass.Pkg) {
		return nil, nil
	}
	c := &checker{pass: pass, roles: map[*ssa.Function]role{}, reported: map[token.Pos]bool{},
		callers: map[*ssa.Function][]*ssa.CallCommon{}, read: map[any]bool{}}
	built := pass.ResultOf[buildssa.Analyzer].(*buildssa.SSA)
	functions := slices.Concat(built.SrcFuncs, literals(built.Pkg.Func("init")))
	for _, fn := range functions {
		c.classify(fn)
	}
	for _, fn := range functions {
		switch c.roles[fn] {
		case task:
			c.control(fn, true)
			c.share(fn)
		case setup:
			c.control(fn, false)
		}
	}
	c.shared()
	return nil, nil
}

// literals returns the functions that stand in a function: tables of scenarios are package variables, which init makes.
func literals(fn *ssa.Function) (all []*ssa.Function) {
	for _, inner := range fn.AnonFuncs {
		all = append(append(all, inner), literals(inner)...)
	}
	return all
}

// uses reports whether the package is written over kernelshim.
func uses(pkg *types.Package) bool {
	for _, imp := range pkg.Imports() {
		if imp.Path() == contract.ShimPath {
			return true
		}
	}
	return false
}

// inShim reports whether a package is kernelshim.
func inShim(pkg *types.Package) bool { return pkg != nil && pkg.Path() == contract.ShimPath }

// assign gives a function a role, and what it calls and makes; a role is only ever raised.
func (c *checker) assign(fn *ssa.Function, r role) {
	if fn == nil || fn.Pkg == nil || fn.Pkg.Pkg != c.pass.Pkg || len(fn.Blocks) == 0 || c.roles[fn] >= r {
		return
	}
	c.roles[fn] = r
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			if call, ok := instr.(ssa.CallInstruction); ok {
				c.assign(call.Common().StaticCallee(), r)
			}
			if closure, ok := instr.(*ssa.MakeClosure); ok {
				c.assign(closure.Fn.(*ssa.Function), r)
			}
		}
	}
	for _, inner := range fn.AnonFuncs {
		c.assign(inner, r)
	}
}

// classify gives a function the role that its own code shows.
func (c *checker) classify(fn *ssa.Function) {
	if hasKernel(fn.Signature) {
		c.assign(fn, setup)
	}
	primitives := false
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			callee := call.Common().StaticCallee()
			if callee == nil || !inShim(packageOf(callee)) {
				continue
			}
			primitives = primitives || isPrimitive(callee)
			for i, arg := range call.Common().Args {
				if takesTask(callee, i) {
					c.assign(functionOf(arg), task)
				}
			}
		}
	}
	if primitives && !c.inSetup(fn) && !isTest(fn) {
		c.assign(fn, task)
	}
}

// inSetup reports whether a function, or one that it is declared in, is the setup of a scenario: there primitives build the
// first state. What it gives to Kernel.Go is a task all the same.
func (c *checker) inSetup(fn *ssa.Function) bool {
	for ; fn != nil; fn = fn.Parent() {
		if hasKernel(fn.Signature) {
			return true
		}
	}
	return false
}

// isTest reports whether a function, or one that it is declared in, is a test: that runs outside of scenarios.
func isTest(fn *ssa.Function) bool {
	for ; fn != nil; fn = fn.Parent() {
		for i := range fn.Signature.Params().Len() {
			p, ok := fn.Signature.Params().At(i).Type().(*types.Pointer)
			if !ok {
				continue
			}
			if n, ok := p.Elem().(*types.Named); ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "testing" {
				return true
			}
		}
	}
	return false
}

// takesTask reports whether an argument of a function of kernelshim, counting the receiver, is run as a task.
func takesTask(callee *ssa.Function, arg int) bool {
	switch callee.Name() {
	case "Go":
		return arg == 2
	case "Finally":
		return arg == 1
	case "CallRcu":
		return arg == 1
	}
	return false
}

// functionOf returns the function that a value is, if that is known.
func functionOf(v ssa.Value) *ssa.Function {
	switch v := v.(type) {
	case *ssa.Function:
		return v
	case *ssa.MakeClosure:
		return v.Fn.(*ssa.Function)
	case *ssa.ChangeType:
		return functionOf(v.X)
	}
	return nil
}

// packageOf is the package of a function, also of an instance of a generic one.
func packageOf(fn *ssa.Function) *types.Package {
	if fn.Origin() != nil {
		fn = fn.Origin()
	}
	if fn.Pkg != nil {
		return fn.Pkg.Pkg
	}
	if obj := fn.Object(); obj != nil {
		return obj.Pkg()
	}
	return nil
}

// isPrimitive reports whether a function of kernelshim is for tasks: it has a shared word, a lock or an object to work on, or
// nothing at all, and no Kernel.
func isPrimitive(fn *ssa.Function) bool {
	if hasKernel(fn.Signature) || fn.Name() == "Init" || fn.Name() == "String" {
		return false
	}
	params := fn.Signature.Params()
	if fn.Signature.Recv() != nil || params.Len() == 0 {
		return true
	}
	for i := range params.Len() {
		if _, pointer := params.At(i).Type().Underlying().(*types.Pointer); pointer {
			return true
		}
	}
	return false
}

// hasKernel reports whether a function gets the scenario that is set up.
func hasKernel(sig *types.Signature) bool {
	is := func(t types.Type) bool {
		p, ok := t.(*types.Pointer)
		if !ok {
			return false
		}
		n, ok := p.Elem().(*types.Named)
		return ok && n.Obj().Name() == "Kernel" && inShim(n.Obj().Pkg())
	}
	for i := range sig.Params().Len() {
		if is(sig.Params().At(i).Type()) {
			return true
		}
	}
	return sig.Recv() != nil && is(sig.Recv().Type())
}

// report reports what stands at a position, once.
func (c *checker) report(pos token.Pos, format string, args ...any) {
	if !pos.IsValid() || c.reported[pos] {
		return
	}
	c.reported[pos] = true
	start, end := c.extent(pos)
	c.pass.Report(analysis.Diagnostic{
		Pos: start, End: end, Category: name, URL: contract.URL + name, Message: name + ": " + fmt.Sprintf(format, args...),
	})
}

// extent returns the statement or call at a position; of a loop or select, only what it is about.
func (c *checker) extent(pos token.Pos) (start, end token.Pos) {
	for _, n := range c.enclosing(pos) {
		switch n := n.(type) {
		case *ast.RangeStmt:
			return n.Pos(), n.X.End()
		case *ast.SelectStmt:
			return n.Pos(), n.Pos() + token.Pos(len("select"))
		case *ast.GoStmt, *ast.CallExpr, *ast.AssignStmt, *ast.IncDecStmt, *ast.SendStmt, *ast.UnaryExpr:
			return n.Pos(), n.End()
		}
	}
	return pos, pos + 1
}

// enclosing returns the nodes around a position, innermost first.
func (c *checker) enclosing(pos token.Pos) []ast.Node {
	for _, f := range c.pass.Files {
		if f.FileStart <= pos && pos <= f.FileEnd {
			path, _ := astutil.PathEnclosingInterval(f, pos, pos)
			return path
		}
	}
	return nil
}
