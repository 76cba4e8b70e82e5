package accesses

import (
	"cmp"
	"fmt"
	"go/types"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/memorder"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

// A Known is what other packages know of an access.
type Known struct {
	Place   Place
	Prim    string
	Locks   []heldset.HeldLock // that may be held
	New     bool
	Decides bool
	Field   bool
	Func    string // "pkg.F"
	Pos     string // "file.go:12"
}

// Loads says whether memory is read.
func (k Known) Loads() bool { return k.as().Loads() }

// Stores says whether memory is written.
func (k Known) Stores() bool { return k.as().Stores() }

// Plain says whether the access has no mark.
func (k Known) Plain() bool { return k.as().Plain() }

func (k Known) as() *Access {
	do, _ := memorder.Effect(k.Prim)
	return &Access{Do: do, Place: k.Place, Prim: k.Prim, Field: k.Field, Moment: &heldset.Moment{Locks: k.Locks, New: k.New}, known: &k}
}

// flowFact is what a function does to memory as its callers see it.
type flowFact struct {
	Entry, Exit []reachFact
	Through     []memorder.Event
}

type reachFact struct {
	Known
	Between []memorder.Event
	Outcome Outcome
}

// AFact marks flowFact as a fact.
func (*flowFact) AFact() {}

// String returns the fact as it stands in the expectations of tests.
func (f *flowFact) String() string {
	return fmt.Sprintf("makes %d accesses, leaves %d", len(f.Entry), len(f.Exit))
}

// knownFact is what a package and those below do to memory: under the go command only facts of direct imports are visible.
type knownFact struct {
	Accesses      []Known
	Stores, Loads []Side // of what may be a flag
}

// AFact marks knownFact as a fact.
func (*knownFact) AFact() {}

// String returns the fact as it stands in the expectations of tests.
func (f *knownFact) String() string { return fmt.Sprintf("%d accesses", len(f.Accesses)) }

// maxKnown bounds what one package tells: ports have some hundreds of accesses.
const maxKnown = 4000

// KnownOf returns an access of the package as other packages know it.
func (r *Result) KnownOf(a *Access) Known {
	if a.known != nil {
		return *a.known
	}
	at := r.pass.Fset.Position(a.At.Pos())
	k := Known{Place: a.Place, Prim: a.Prim, Decides: a.Decides(), Field: a.Field, Pos: fmt.Sprintf("%s:%d", filepath.Base(at.Filename), at.Line)}
	if a.Moment != nil {
		k.Locks, k.New = a.Possible(), a.New
	}
	if a.fn != nil {
		k.Func = r.pass.Pkg.Name() + "." + a.fn.Fn.Name()
	}
	return k
}

func importKnown(pass *analysis.Pass) []Known {
	var known []Known
	for _, f := range pass.AllPackageFacts() {
		if fact, ok := f.Fact.(*knownFact); ok {
			known = append(known, fact.Accesses...)
		}
	}
	slices.SortFunc(known, compareKnown)
	return slices.CompactFunc(known, func(a, b Known) bool { return compareKnown(a, b) == 0 })
}

func compareKnown(a, b Known) int {
	return cmp.Or(cmp.Compare(a.Place.Pkg, b.Place.Pkg), cmp.Compare(a.Place.String(), b.Place.String()), cmp.Compare(a.Func, b.Func),
		cmp.Compare(a.Pos, b.Pos), cmp.Compare(a.Prim, b.Prim))
}

func exportKnown(pass *analysis.Pass, r *Result) {
	known := r.Known
	if r.Shim {
		for _, f := range r.Functions {
			for _, a := range f.Accesses {
				if !a.IsFence() && !a.Field && len(known) < maxKnown {
					known = append(known, r.KnownOf(a))
				}
			}
		}
	}
	stores, loads := r.Sides.exchange(pass)
	if len(known)+len(stores)+len(loads) > 0 {
		pass.ExportPackageFact(&knownFact{known, stores, loads})
	}
}

// exportFlow publishes what an exported function does.
func (r *reader) exportFlow(f *Function) {
	obj, ok := f.Fn.Object().(*types.Func)
	if !ok || !obj.Exported() || obj.Pkg() != r.pass.Pkg || len(f.Entry)+len(f.Through) == 0 {
		return
	}
	fact := &flowFact{Through: f.Through}
	for _, e := range f.Entry {
		fact.Entry = append(fact.Entry, reachFact{r.KnownOf(e.Access), e.Between, e.Outcome})
	}
	for _, e := range f.Exit {
		fact.Exit = append(fact.Exit, reachFact{r.KnownOf(e.Access), e.Between, e.Outcome})
	}
	r.pass.ExportObjectFact(obj, fact)
}

// importFlow returns what a function of another package does, or nil. The primitives themselves are in memorder.Effect.
func (r *reader) importFlow(obj *types.Func) *Function {
	if obj.Pkg() == nil || obj.Pkg().Path() == contract.ShimPath {
		return nil
	}
	if f, ok := r.imported[obj]; ok {
		return f
	}
	r.imported[obj] = nil
	var fact flowFact
	if !r.pass.ImportObjectFact(obj, &fact) {
		return nil
	}
	f := &Function{Through: fact.Through}
	reaches := func(facts []reachFact) (out []*Reach) {
		for _, e := range facts {
			out = append(out, &Reach{Access: e.as(), Between: e.Between, Outcome: e.Outcome})
		}
		return out
	}
	f.Entry, f.Exit = reaches(fact.Entry), reaches(fact.Exit)
	r.imported[obj] = f
	return f
}
