package heldset

import (
	"cmp"
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
	FactTypes:  []analysis.Fact{new(inferredFact)},
}

// A Result is what is broken in a package, in order of position, and in which order its locks are taken.
type Result struct {
	Findings []Finding
	Edges    []Edge
}

// An inferredFact is what a function without a stated contract does to its callers' locks, and which classes any function
// takes.
type inferredFact struct {
	Params  []string
	Clauses []*lockorder.Clause
	Takes   []Take
}

// AFact marks inferredFact as a fact.
func (*inferredFact) AFact() {}

// String returns the fact as it stands in the expectations of tests.
func (f *inferredFact) String() string {
	parts := make([]string, len(f.Clauses))
	for i, c := range f.Clauses {
		parts[i] = c.Body()
	}
	for _, t := range f.Takes {
		parts = append(parts, "takes "+t.Class.String())
	}
	return strings.Join(parts, "; ")
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
}

func run(pass *analysis.Pass) (any, error) {
	built := pass.ResultOf[buildssa.Analyzer].(*buildssa.SSA)
	if trusted(pass) {
		return &Result{}, nil
	}
	p := &pkg{
		pass: pass, ssa: built.Pkg, contracts: pass.ResultOf[contract.Analyzer].(*contract.Result),
		functions: map[*ssa.Function]*function{}, contract: map[*ssa.Function]*contract.Contract{},
		classes: map[string]*lockorder.Class{}, called: map[*ssa.Function]bool{}, escapes: map[*ssa.Function]bool{},
		fields: map[*ssa.Function][2]string{},
		source: newSource(pass), takes: map[*ssa.Function][]Take{},
	}
	for _, imp := range pass.Pkg.Imports() {
		if imp.Path() == contract.ShimPath {
			p.shim = imp
		}
	}
	for _, fn := range built.SrcFuncs {
		p.use(fn)
	}
	result := &Result{}
	for _, fn := range built.SrcFuncs {
		p.analyze(fn)
		if f := p.functions[fn]; f != nil {
			result.Findings = append(result.Findings, f.found...)
			result.Edges = append(result.Edges, f.uses.edges...)
			p.export(f)
		}
	}
	slices.SortStableFunc(result.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Pos, b.Pos), strings.Compare(string(a.Rule), string(b.Rule)), strings.Compare(a.Message, b.Message))
	})
	result.Findings = slices.CompactFunc(result.Findings, func(a, b Finding) bool {
		return a.Pos == b.Pos && a.Rule == b.Rule && a.Message == b.Message
	})
	return result, nil
}

// trusted says whether a package's bodies are not analysed: the primitives are modelled by the contract, and the standard
// library by tables.
func trusted(pass *analysis.Pass) bool {
	path := pass.Pkg.Path()
	if path == contract.ShimPath || path == contract.ShimPath+"_test" || strings.HasPrefix(path, contract.ShimPath+"/") {
		return true // tests of primitives call them out of context, and those of the simulator drive locks as data
	}
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && (pass.Module == nil || pass.Module.Path == "" || pass.Module.Path == "std") && inStd(path)
}

// stdRoots are the first elements of import paths of the standard library. Nothing in it takes locks of the kernel, and
// what it does with the locks of its callers is modelled.
var stdRoots = strings.Fields(`archive bufio bytes cmd cmp compress container context crypto database debug embed encoding
	errors expvar flag fmt go hash html image index internal io iter log maps math mime net os path plugin reflect regexp
	runtime slices sort strconv strings structs sync syscall testing text time unicode unique unsafe vendor weak`)

func inStd(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return slices.Contains(stdRoots, first)
}

// use notes how fn uses other functions.
func (p *pkg) use(fn *ssa.Function) {
	var operands []*ssa.Value
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			callee := ssa.Value(nil)
			if call, ok := instr.(ssa.CallInstruction); ok && !call.Common().IsInvoke() {
				callee = call.Common().Value
				if f := call.Common().StaticCallee(); f != nil {
					if _, isGo := instr.(*ssa.Go); isGo {
						p.escapes[declared(f)] = true // a task of its own holds nothing
					} else {
						p.called[declared(f)] = true
					}
				}
			}
			if store, ok := instr.(*ssa.Store); ok {
				p.useAsField(store)
			}
			operands = instr.Operands(operands[:0])
			for _, op := range operands {
				if body := loopBody(*op); body != nil {
					p.called[body] = true
				} else if *op != callee {
					p.escape(*op, instr)
				}
			}
		}
	}
}

// useAsField notes that a function becomes the value of a function-typed field, whose contract it then has to keep.
func (p *pkg) useAsField(store *ssa.Store) {
	addr, ok := store.Addr.(*ssa.FieldAddr)
	if !ok {
		return
	}
	var fn *ssa.Function
	switch v := store.Val.(type) {
	case *ssa.Function:
		fn = v
	case *ssa.MakeClosure:
		fn = v.Fn.(*ssa.Function)
	default:
		return
	}
	if path, typ := typeName(deref(addr.X.Type())); path == contract.ShimPath {
		p.fields[fn] = [2]string{typ, fieldVar(addr.X.Type(), addr.Field).Name()}
	}
}

// escape notes that a function is used as a value. A closure that is only made is used where its value is.
func (p *pkg) escape(v ssa.Value, at ssa.Instruction) {
	switch v := v.(type) {
	case *ssa.Function:
		if _, made := at.(*ssa.MakeClosure); !made {
			p.escapes[declared(v)] = true
		}
	case *ssa.MakeClosure:
		p.escapes[declared(v.Fn.(*ssa.Function))] = true
	}
}

// declared returns the function that fn stands for: the generic function that it is an instance of, since what is known of
// one holds of all; the method behind a method value or expression; or fn itself.
func declared(fn *ssa.Function) *ssa.Function {
	if o := fn.Origin(); o != nil {
		return o
	}
	if obj, ok := fn.Object().(*types.Func); ok && fn.Synthetic != "" {
		if f := fn.Prog.FuncValue(obj.Origin()); f != nil {
			return f
		}
	}
	return fn
}

func (p *pkg) calledOnly(fn *ssa.Function) bool { return p.called[fn] && !p.escapes[fn] }

// analyze solves fn unless it is solved or being solved: recursion is cut there, and the inner call is taken to do nothing.
func (p *pkg) analyze(fn *ssa.Function) {
	if _, begun := p.functions[fn]; begun || len(fn.Blocks) == 0 || fn.Pkg != p.ssa {
		return
	}
	p.functions[fn] = nil
	f := newFunction(p, fn)
	f.analyze()
	p.functions[fn] = f
	p.takes[fn] = f.uses.list()
	if f.contract == nil || len(f.assumed) > 0 {
		p.contract[fn] = f.summary()
	}
}

// inferred returns what is known of a function that states no contract, or nil.
func (p *pkg) inferred(fn *ssa.Function) *contract.Contract {
	fn = declared(fn)
	if fn.Pkg == p.ssa {
		p.analyze(fn)
		return p.contract[fn]
	}
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return nil
	}
	var fact inferredFact
	if !p.pass.ImportObjectFact(obj, &fact) || len(fact.Clauses) == 0 {
		return nil
	}
	return &contract.Contract{Func: &lockorder.Func{Name: fn.Name(), Params: fact.Params, Clauses: fact.Clauses}}
}

// export publishes the summary of a function for packages that import this one.
func (p *pkg) export(f *function) {
	obj, ok := f.ssa.Object().(*types.Func)
	if !ok || !obj.Exported() || obj.Pkg() != p.pass.Pkg {
		return
	}
	fact := inferredFact{Takes: p.takes[f.ssa]}
	if c := p.contract[f.ssa]; c != nil && f.contract == nil {
		fact.Params, fact.Clauses = c.Params, c.Clauses
	}
	if len(fact.Clauses)+len(fact.Takes) > 0 {
		p.pass.ExportObjectFact(obj, &fact)
	}
}
