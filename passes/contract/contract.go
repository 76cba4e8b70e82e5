package contract

import (
	"flag"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"sync"

	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// ShimPath is the import path of the package whose functions are kernel primitives.
const ShimPath = "github.com/mmvet/mmvet/kernelshim"

// BadContract is the category of diagnostics about contracts that cannot be read. They are errors of the input, not
// findings: the command ends with exit code 2.
const BadContract = "badcontract"

// URL is where the rules are documented; a rule's page is URL plus its name.
const URL = "https://pkg.go.dev/github.com/mmvet/mmvet/passes/"

// Analyzer reads the contracts of a package. Its result is a *Result.
var Analyzer = &analysis.Analyzer{
	Name:       "contract",
	Doc:        "read lock contracts from the mm contract, directives and kernel names",
	URL:        URL + "contract",
	Run:        run,
	ResultType: reflect.TypeFor[*Result](),
	FactTypes:  []analysis.Fact{new(statedFact), new(Guard), new(ordersFact), new(Common)},
	Flags:      flags(),
}

var kernelFlag string

// Whole is the argument by which mmvet asks the vet tool to check imported packages of the module as if they were asked for;
// vettool reads it before flags are parsed.
const Whole = "-contract.whole"

func flags() flag.FlagSet {
	var f flag.FlagSet
	f.StringVar(&kernelFlag, "kernel", "", "kernel `release` whose rules apply to packages without //mm:kernel, such as v6.1")
	f.Bool("whole", false, "check imported packages of the module whole, as if they were asked for (mmvet asks for it; Go 1.26 "+
		"forgets otherwise what is wrong with them when they are)")
	return f
}

// A Contract is what a function's callers and body may rely on.
type Contract struct {
	*lockorder.Func
	// Kernel: names in paths are the kernel's and are spelled in Go case in the code.
	Kernel bool
	// Assert: the function asserts what it requires, so that its call is a contract of the function that it stands in.
	Assert bool
	// Returns are, for each result that is a function, the clauses of a call of it, with paths that start at the parameters of
	// the function that returns it.
	Returns map[int][]*lockorder.Clause
	// Partial: only annotations and comments written for other tools state it, which may leave out locks.
	Partial bool
	// Primitive: the function's body is trusted to do what the contract says.
	Primitive bool
}

// GoName returns the name in Go code of a name in the contract.
func (c *Contract) GoName(name string) string {
	if c.Kernel {
		return mm.GoName(name)
	}
	return name
}

// A Result holds the contracts of a package and of what it imports.
type Result struct {
	pass    *analysis.Pass // while run runs
	release lockorder.Release
	facts   map[*types.Func]*statedFact
	guards  map[*types.Var]*Guard
	methods map[token.Pos]bool // of interfaces, by position
	orders  []*lockorder.Order
	common  map[*types.Var]bool
	serial  []*types.Func // methods of interfaces

	ofKernel bool
	profiles *sync.Map // the profile of a release to the one with orders, if there are any

	ignores      []*Ignore
	presumed     map[*types.Func]*Presumption
	ignoredLines map[lineOf]bool
	ignoredFuncs map[*types.Func]bool
}

func run(pass *analysis.Pass) (any, error) {
	r := &Result{
		pass: pass, facts: map[*types.Func]*statedFact{}, guards: map[*types.Var]*Guard{}, methods: map[token.Pos]bool{},
		presumed: map[*types.Func]*Presumption{}, common: map[*types.Var]bool{},
		ignoredLines: map[lineOf]bool{}, ignoredFuncs: map[*types.Func]bool{}, profiles: new(sync.Map),
	}
	for _, f := range pass.AllObjectFacts() {
		switch fact := f.Fact.(type) {
		case *statedFact:
			r.facts[f.Object.(*types.Func)] = fact
		case *Guard:
			r.guards[f.Object.(*types.Var)] = fact
		case *Common:
			r.common[f.Object.(*types.Var)] = true
		}
	}
	r.readImportedOrders()
	r.readFuncs()
	r.noteSerial()
	r.readGuards()
	r.readCommon()
	r.readPackage()
	r.exportOrders()
	r.readPresumptions()
	r.ofKernel = r.kernelIn(pass.Pkg)
	r.pass = nil
	return r, nil
}

// Profile returns the mm contract in the release that applies to the body of fn, with the orders that are declared for the
// package; fn may be nil for the package.
func (r *Result) Profile(fn *types.Func) *lockorder.Profile {
	release := r.release
	if stated := r.stated(fn); stated != nil && !stated.Release.IsZero() {
		release = stated.Release
	}
	base := r.base(release)
	if len(r.orders) == 0 {
		return base
	}
	with, ok := r.profiles.Load(base)
	if !ok {
		with, _ = r.profiles.LoadOrStore(base, base.With(r.orders))
	}
	return with.(*lockorder.Profile)
}

// base returns the contract of the kernel in a release. To code that has nothing of the kernel's none of it applies, and is not
// read: that would be a quarter of the time that a package without locks takes.
func (r *Result) base(release lockorder.Release) *lockorder.Profile {
	if r.ofKernel {
		return mm.At(release)
	}
	return noKernel()
}

var noKernel = sync.OnceValue(func() *lockorder.Profile { return new(lockorder.Contract).At(lockorder.Release{}) })

// kernelIn says whether a package ports functions of the kernel, or can reach the shim's.
func (r *Result) kernelIn(pkg *types.Package) bool {
	for _, stated := range r.facts {
		if stated.Kernel != "" {
			return true
		}
	}
	seen := map[*types.Package]bool{}
	var reaches func(*types.Package) bool
	reaches = func(p *types.Package) bool {
		if p.Path() == ShimPath {
			return true
		}
		if seen[p] {
			return false
		}
		seen[p] = true
		return slices.ContainsFunc(p.Imports(), reaches)
	}
	return reaches(pkg)
}

// Of returns the contract of fn as seen by code under the profile, or nil if it states none.
func (r *Result) Of(fn *types.Func, p *lockorder.Profile) *Contract {
	if fn == nil || fn.Pkg() == nil {
		return nil
	}
	fn = fn.Origin()
	if fn.Pkg().Path() == ShimPath {
		return shimFunc(fn, p)
	}
	if c := modelFunc(fn); c != nil {
		return c
	}
	stated := r.stated(fn)
	if stated == nil {
		return lockMethod(fn)
	}
	c := &Contract{Func: &lockorder.Func{
		Name: fn.Name(), Params: stated.Params, Results: stated.Results, Clauses: stated.Clauses,
	}, Partial: stated.Partial}
	if stated.Kernel != "" {
		c.Kernel = true
		c.Name = stated.Kernel
		if f := mm.At(stated.Release).Func(stated.Kernel); f != nil {
			n := *f
			n.Clauses = append(n.Clauses[:len(n.Clauses):len(n.Clauses)], stated.Clauses...)
			c.Func = &n
		}
	}
	if len(c.Clauses) == 0 {
		return nil
	}
	return c
}

// Field returns the contract of a function-typed field of a kernel struct, or nil.
func (r *Result) Field(typ, field string, p *lockorder.Profile) *Contract {
	name := mm.KernelMethod(typ, field, p)
	if f := p.Func(name); f != nil {
		return &Contract{Func: f, Kernel: true}
	}
	return nil
}

func (r *Result) stated(fn *types.Func) *statedFact {
	if fn == nil {
		return nil
	}
	return r.facts[fn.Origin()]
}
