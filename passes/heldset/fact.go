package heldset

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// An inferredFact is what a function without a stated contract does to its callers' locks, and which classes any function
// takes. The facts of a package are read by all that import it, so they are kept small: maxTakes, maxVia and maxExcludes
// bound one, and the class of a lock of the function's own package is named without the package.
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

// inferred returns what is known of a function that states no contract, or nil.
func (p *pkg) inferred(fn *ssa.Function) *contract.Contract {
	fn = declared(fn)
	if fn.Pkg == p.ssa {
		p.analyze(fn)
		return p.contract[fn]
	}
	fact := p.importInferred(fn)
	if len(fact.Clauses) == 0 {
		return nil
	}
	return &contract.Contract{Func: &lockorder.Func{Name: fn.Name(), Params: fact.Params, Clauses: fact.Clauses}}
}

// completed returns a partial contract with what the function turned out to need beside it.
func (p *pkg) completed(c *contract.Contract, fn *ssa.Function) *contract.Contract {
	if fn = declared(fn); fn.Pkg != p.ssa {
		return c
	}
	p.analyze(fn)
	more := p.assumed[fn]
	if len(more) == 0 {
		return c
	}
	whole, own := *c, *c.Func
	own.Clauses = append(slices.Clip(own.Clauses), more...)
	whole.Func = &own
	return &whole
}

// takesOf returns the classes that a function takes, as far as it has been analysed.
func (p *pkg) takesOf(fn *ssa.Function) []Take {
	fn = declared(fn)
	if fn.Pkg == p.ssa {
		p.analyze(fn)
		return p.takes[fn]
	}
	return p.importInferred(fn).Takes
}

// importInferred returns the fact of a function of another package, empty if there is none.
func (p *pkg) importInferred(fn *ssa.Function) *inferredFact {
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return &inferredFact{}
	}
	if fact, known := p.facts[obj]; known {
		return fact
	}
	fact := &inferredFact{}
	p.facts[obj] = fact
	if p.pass.ImportObjectFact(obj, fact) {
		fact.Takes = rename(fact.Takes, func(class string) string {
			if strings.HasPrefix(class, ".") {
				return obj.Pkg().Path() + class
			}
			return class
		})
	}
	return fact
}

// rename returns takes with other names for their classes.
func rename(takes []Take, name func(string) string) []Take {
	takes = slices.Clone(takes)
	for i, t := range takes {
		takes[i].Class.Class = name(t.Class.Class)
		takes[i].Without = slices.Clone(t.Without)
		for j, c := range t.Without {
			takes[i].Without[j] = name(c)
		}
	}
	return takes
}

// export publishes the summary of a function for packages that import this one.
func (p *pkg) export(f *function) {
	obj, ok := f.ssa.Object().(*types.Func)
	if !ok || !obj.Exported() || obj.Pkg() != p.pass.Pkg || isTest(obj) {
		return
	}
	fact := inferredFact{Takes: rename(p.takes[f.ssa], func(class string) string {
		if own, ok := strings.CutPrefix(class, obj.Pkg().Path()+"."); ok {
			return "." + own
		}
		return class
	})}
	if c := p.contract[f.ssa]; c != nil && f.contract == nil {
		fact.Params, fact.Clauses = c.Params, c.Clauses
	}
	if len(fact.Clauses)+len(fact.Takes) > 0 {
		p.pass.ExportObjectFact(obj, &fact)
	}
}

// isTest says whether a function is one that only package testing calls.
func isTest(obj *types.Func) bool {
	params := obj.Signature().Params()
	if params.Len() != 1 || obj.Signature().Recv() != nil {
		return false
	}
	pkg, _ := typeName(deref(params.At(0).Type()))
	return pkg == "testing"
}
