package accesses

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

// Analyzer finds the accesses to shared memory in a package. Its result is a *Result.
var Analyzer = &analysis.Analyzer{
	Name:       "accesses",
	Doc:        "find the accesses to shared memory and what stands between them",
	URL:        contract.URL + "accesses",
	Run:        run,
	Requires:   []*analysis.Analyzer{buildssa.Analyzer, contract.Analyzer, heldset.Analyzer},
	ResultType: reflect.TypeFor[*Result](),
	FactTypes:  []analysis.Fact{new(flowFact), new(knownFact)},
}

// A Result is what a package does to shared memory.
type Result struct {
	// Shim says that the package is written over package kernelshim; else its accesses are those of ordinary Go.
	Shim      bool
	Functions []*Function
	// Known are the accesses of the packages below that are written over package kernelshim.
	Known []Known
	// Sides are the accesses to what may be a flag, in the package if it is written over kernelshim, and below.
	Sides *Sides

	held      *heldset.Result
	pass      *analysis.Pass
	calls     map[token.Pos]*ast.CallExpr // by the left parenthesis
	findCalls sync.Once                   // the passes that share this ask at the same time
}

// reader reads one package.
type reader struct {
	*Result
	contracts *contract.Result
	shim      bool
	functions map[*ssa.Function]*Function // nil while one is being read
	seen      map[seenKey]*Access
	imported  map[*types.Func]*Function
}

type seenKey struct {
	access *Access
	call   *ssa.Call
}

// step is one access, or one call of a function whose accesses are known.
type step struct {
	access *Access
	call   *ssa.Call
	callee *Function
}

func run(pass *analysis.Pass) (any, error) {
	built := pass.ResultOf[buildssa.Analyzer].(*buildssa.SSA)
	held := pass.ResultOf[heldset.Analyzer].(*heldset.Result)
	result := &Result{held: held, pass: pass, Known: importKnown(pass)}
	for _, imp := range pass.Pkg.Imports() {
		result.Shim = result.Shim || imp.Path() == contract.ShimPath
	}
	result.Sides = collectSides(result)
	if len(held.Moments) == 0 {
		exportKnown(pass, result)
		return result, nil
	}
	r := &reader{
		Result: result, contracts: pass.ResultOf[contract.Analyzer].(*contract.Result), shim: result.Shim,
		functions: map[*ssa.Function]*Function{}, seen: map[seenKey]*Access{}, imported: map[*types.Func]*Function{},
	}
	for _, fn := range built.SrcFuncs {
		if InTest(pass, fn.Pos()) {
			continue
		}
		if f := r.function(fn); f != nil {
			result.Functions = append(result.Functions, f)
		}
	}
	r.inherit(built.SrcFuncs)
	if r.shim {
		result.Sides = collectSides(result)
	}
	exportKnown(pass, result)
	return result, nil
}

// InTest says whether a position is in a test. Tests set the stage, try out primitives, and look at the outcome when nobody runs
// any more: what they do tells nothing about who accesses what, and is not reported.
func InTest(pass *analysis.Pass, pos token.Pos) bool {
	return strings.HasSuffix(pass.Fset.Position(pos).Filename, "_test.go")
}

// function reads a function of the package, those that it calls first; nil if it is being read, or has no body.
func (r *reader) function(fn *ssa.Function) *Function {
	if f, begun := r.functions[fn]; begun || len(fn.Blocks) == 0 {
		return f
	}
	r.functions[fn] = nil
	f := &Function{
		Fn: fn, pairs: map[[2]*Access]*Pair{}, entered: map[*Access]*Reach{}, left: map[leaving]*Reach{},
	}
	steps := make([][]step, len(fn.Blocks))
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			if a := r.accessOf(instr); a != nil {
				a.fn = f
				f.Accesses = append(f.Accesses, a)
				steps[b.Index] = append(steps[b.Index], step{access: a})
			} else if call, ok := instr.(*ssa.Call); ok && r.shim {
				if g := r.callee(call, fn); g != nil {
					steps[b.Index] = append(steps[b.Index], step{call: call, callee: g})
				}
			}
		}
	}
	if r.shim {
		r.order(f, steps)
		r.exportFlow(f)
	}
	r.functions[fn] = f
	return f
}

// callee returns what is known of a called function, or nil.
func (r *reader) callee(call *ssa.Call, from *ssa.Function) *Function {
	fn := call.Call.StaticCallee()
	if fn == nil {
		return nil
	}
	if fn.Pkg == from.Pkg {
		return r.function(fn)
	}
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return nil
	}
	return r.importFlow(obj)
}

// seenAt returns the access as the caller of its function sees it: one of another package stands where it is called.
func (r *reader) seenAt(a *Access, call *ssa.Call) *Access {
	if a.At != nil {
		return a
	}
	key := seenKey{a, call}
	if r.seen[key] == nil {
		seen := *a
		seen.At = call
		r.seen[key] = &seen
	}
	return r.seen[key]
}

// Kernel returns the name of the kernel function that a function ports, by its own name, and the contract in force in it; ""
// if there is none.
func (f *Function) Kernel(contracts *contract.Result) (name string, profile *lockorder.Profile) {
	fn := f.Fn
	if fn.Origin() != nil {
		fn = fn.Origin()
	}
	obj, _ := fn.Object().(*types.Func)
	profile = contracts.Profile(obj)
	if obj == nil || obj.Signature().Recv() != nil {
		return "", profile
	}
	return mm.KernelFunc(obj.Name(), profile), profile
}

// In says whether the function is one of those that a contract names: the port of a kernel function has its name in Go case.
func (f *Function) In(names []string) bool {
	if f.Fn.Parent() != nil || f.Fn.Signature.Recv() != nil {
		return false
	}
	for _, n := range names {
		if mm.GoName(n) == f.Fn.Name() {
			return true
		}
	}
	return false
}
