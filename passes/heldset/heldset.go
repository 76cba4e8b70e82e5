package heldset

import (
	"cmp"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// Analyzer computes the locks held in a package. Its result is a *Result.
var Analyzer = &analysis.Analyzer{
	Name:       "heldset",
	Doc:        "compute the locks held at every instruction",
	URL:        contract.URL + "heldset",
	Run:        run,
	Requires:   []*analysis.Analyzer{buildssa.Analyzer, contract.Analyzer},
	ResultType: reflect.TypeFor[*Result](),
	FactTypes:  []analysis.Fact{new(inferredFact), new(behaviour)},
}

// A Result is what is broken in a package, in order of position, and in which order its locks are taken.
type Result struct {
	Findings []Finding
	Edges    []Edge
	// Silenced are the requests for silence that kept something from becoming a need, an exclusion or an edge.
	Silenced []*contract.Ignore
	// Drift is where the code does otherwise than the name or the comment of a function says.
	Drift []Finding
	// Unguarded are accesses to guarded data without its lock.
	Unguarded []Finding
	// Moments are the accesses to memory and the calls that other passes ask about. They depend on what the package imports.
	Moments map[ssa.Instruction]*Moment
	// CalledOnly says whether all uses of a function are calls in this package.
	CalledOnly func(*ssa.Function) bool
	// Stale are actions that were decided upon by a check before the lock of the data was taken, or given back meanwhile.
	Stale []Finding
}

// pkg is the package under analysis.
type pkg struct {
	pass      *analysis.Pass
	ssa       *ssa.Package
	contracts *contract.Result
	functions map[*ssa.Function]*function // nil while one is being analysed
	contract  map[*ssa.Function]*contract.Contract
	classes   map[string]*lockorder.Class
	called    map[*ssa.Function]bool      // called statically in the package
	escapes   map[*ssa.Function]bool      // used in another way
	fields    map[*ssa.Function][2]string // stored to a function-typed field of a kernel struct: type, field
	source    *source
	takes     map[*ssa.Function][]Take
	shim      *types.Package // package kernelshim if this one imports it, else nil

	passed      map[*ssa.Function]bool // called by those that it is passed to: nobody here knows the arguments
	params      map[*ssa.Parameter]callTime
	timing      map[ssa.Value]bool        // whose callTime is being found
	bound       map[ssa.Value]ssa.Value   // what a captured variable is where the closure is made
	stored      map[any]ssa.Value         // the function that a variable or field holds; nil if there are several
	loads       map[any][]*ssa.UnOp       // loads of functions
	owned       map[*ssa.MakeClosure]bool // captures no object with locks but the one in whose field it is stored
	implemented map[*types.Func][]*types.Func
	concrete    map[*types.Package][]*types.Named // see concreteTypes
	invoked     map[*ssa.Function]bool            // called through an interface: nobody knows the receiver
	aliases     map[*types.Var]alias
	shared      map[*types.Var][]*types.Var // fields that functions change under a lock beside them
	leaking     map[*ssa.Parameter]bool
	flowing     map[*ssa.Parameter]flow
	silenced    []*contract.Ignore
	agreeing    map[*types.Func]bool // called with the lock that its name asks for
	doubts      map[*types.Func]*[]Finding
	promotions  map[promoted][]string
	sites       map[*ssa.Function][]site   // where functions of the package are called
	lenient     map[*lockorder.Clause]bool // needs that come from partial contracts
	left        map[*ssa.Function][]left
	assumed     map[*ssa.Function][]*lockorder.Clause // of functions with partial contracts
	facts       map[*types.Func]*inferredFact         // of other packages

	interest interest
	moments  map[ssa.Instruction]*Moment
	places   map[*lockorder.Clause]token.Pos // where a function does what an inferred clause says
}

func run(pass *analysis.Pass) (any, error) {
	built := pass.ResultOf[buildssa.Analyzer].(*buildssa.SSA)
	if trusted(pass) {
		return &Result{CalledOnly: func(*ssa.Function) bool { return false }}, nil
	}
	p := &pkg{
		pass: pass, ssa: built.Pkg, contracts: pass.ResultOf[contract.Analyzer].(*contract.Result),
		functions: map[*ssa.Function]*function{}, contract: map[*ssa.Function]*contract.Contract{},
		classes: map[string]*lockorder.Class{}, called: map[*ssa.Function]bool{}, escapes: map[*ssa.Function]bool{},
		fields: map[*ssa.Function][2]string{},
		source: newSource(pass), takes: map[*ssa.Function][]Take{}, passed: map[*ssa.Function]bool{}, params: map[*ssa.Parameter]callTime{},
		timing: map[ssa.Value]bool{},
		bound:  map[ssa.Value]ssa.Value{}, stored: map[any]ssa.Value{}, loads: map[any][]*ssa.UnOp{},
		owned: map[*ssa.MakeClosure]bool{}, agreeing: map[*types.Func]bool{}, doubts: map[*types.Func]*[]Finding{},
		implemented: map[*types.Func][]*types.Func{}, concrete: map[*types.Package][]*types.Named{}, invoked: map[*ssa.Function]bool{}, aliases: map[*types.Var]alias{}, shared: map[*types.Var][]*types.Var{},
		leaking: map[*ssa.Parameter]bool{}, flowing: map[*ssa.Parameter]flow{},
		promotions: map[promoted][]string{}, sites: map[*ssa.Function][]site{}, lenient: map[*lockorder.Clause]bool{}, left: map[*ssa.Function][]left{}, assumed: map[*ssa.Function][]*lockorder.Clause{}, facts: map[*types.Func]*inferredFact{},
		moments: map[ssa.Instruction]*Moment{},
		places:  map[*lockorder.Clause]token.Pos{},
	}
	for _, imp := range pass.Pkg.Imports() {
		if imp.Path() == contract.ShimPath {
			p.shim = imp
		}
	}
	p.noteInterest(built.SrcFuncs)
	p.noteVariables(built.SrcFuncs)
	p.noteAliases(built.SrcFuncs)
	p.noteShared(built.SrcFuncs)
	for _, fn := range built.SrcFuncs {
		p.use(fn)
	}
	result := &Result{Moments: p.moments, CalledOnly: p.calledOnly}
	for _, fn := range built.SrcFuncs {
		p.analyze(fn)
		if f := p.functions[fn]; f != nil {
			result.Findings = append(result.Findings, p.spoken(f, f.found)...)
			result.Unguarded = append(result.Unguarded, p.spoken(f, f.unguardedFound)...)
			result.Stale = append(result.Stale, p.spoken(f, f.staleFound)...)
			result.Drift = append(result.Drift, p.spoken(f, f.drift)...)
			result.Edges = append(result.Edges, f.uses.edges...)
			p.export(f)
			p.exportBehaviour(f)
		}
	}
	result.Drift = append(result.Drift, p.outvoted()...)
	result.Findings, result.Unguarded, result.Drift = inOrder(result.Findings), inOrder(result.Unguarded), inOrder(result.Drift)
	result.Silenced = p.silenced
	for _, fn := range built.SrcFuncs {
		if f := p.functions[fn]; f != nil && len(f.stale) > 0 {
			result.Stale = append(result.Stale, p.spoken(f, p.credibleChecks(f))...)
		}
	}
	result.Edges = p.gated(result.Edges)
	result.Findings, result.Unguarded, result.Stale = inOrder(result.Findings), inOrder(result.Unguarded), inOrder(result.Stale)
	return result, nil
}

// inOrder sorts findings and drops repetitions.
func inOrder(found []Finding) []Finding {
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Pos, b.Pos), strings.Compare(string(a.Rule), string(b.Rule)), strings.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(found, func(a, b Finding) bool {
		return a.Pos == b.Pos && a.Rule == b.Rule && a.Message == b.Message
	})
}

// spoken returns the findings of f about which the source does not ask for silence.
func (p *pkg) spoken(f *function, found []Finding) []Finding {
	if p.contracts.Ignored(sourceFunc(f.ssa)) {
		return nil
	}
	return slices.DeleteFunc(found, func(x Finding) bool {
		at := p.pass.Fset.Position(x.Pos)
		return p.contracts.IgnoredLine(at.Filename, at.Line)
	})
}

// trusted says whether a package's bodies are not analysed: the primitives are modelled by the contract, and the standard
// library by tables.
func trusted(pass *analysis.Pass) bool {
	path := pass.Pkg.Path()
	if path == contract.ShimPath || path == contract.ShimPath+"_test" || strings.HasPrefix(path, contract.ShimPath+"/") {
		return true // tests of primitives call them out of context, and those of the simulator drive locks as data
	}
	return (pass.Module == nil || pass.Module.Path == "" || pass.Module.Path == "std") && contract.Std(path)
}

// analyze solves fn unless it is solved or being solved: recursion is cut there, and the inner call is taken to do nothing.
func (p *pkg) analyze(fn *ssa.Function) {
	if _, begun := p.functions[fn]; begun || len(fn.Blocks) == 0 || fn.Pkg != p.ssa {
		return
	}
	p.functions[fn] = nil
	f := newFunction(p, fn)
	if f.contract != nil && f.contract.Primitive {
		return // a method of a type that is a lock
	}
	f.analyze()
	p.functions[fn] = f
	p.takes[fn] = f.uses.list()
	if f.contract == nil || f.contract.Partial || len(f.assumed) > 0 {
		p.contract[fn] = f.summary()
	}
	if f.contract != nil && f.contract.Partial {
		p.assumed[fn] = slices.DeleteFunc(f.assumed, func(c *lockorder.Clause) bool { return c.Verb != lockorder.Requires })
		p.assumed[fn] = append(p.assumed[fn], f.undeclaredDrops()...)
		for i, id := range f.outcome {
			p.assumed[fn] = append(p.assumed[fn], f.filled(i, id)...)
		}
	}
	f.behaves = f.behaviour()
	f.staleFound = append(f.staleFound, f.reportDrops()...)
	f.classes = f.lockClasses()
	f.contradicts()
	f.forget()
}
