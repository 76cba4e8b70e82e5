package heldset

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// A behaviour is what a function does beside what its contract states: what calls of functions that it returns do, and when and under which locks it calls its parameters. Paths start at parameters, by
// position, or at package variables.
type behaviour struct {
	Returns []returnedFunc
	Calls   []calledParam
}

// A returnedFunc is what a call of a result does.
type returnedFunc struct {
	Result  int
	Clauses []*lockorder.Clause
}

// A calledParam says when a parameter is called, and which locks the function has taken then.
type calledParam struct {
	Param int
	When  lockorder.CallTime
	Under []*lockorder.Clause
}

// AFact marks behaviour as a fact.
func (*behaviour) AFact() {}

// String returns the fact as it stands in the expectations of tests.
func (b *behaviour) String() string {
	var parts []string
	for _, r := range b.Returns {
		parts = append(parts, fmt.Sprintf("result %d %s", r.Result, bodies(r.Clauses)))
	}
	for _, c := range b.Calls {
		text := fmt.Sprintf("calls %s %s", paramName(c.Param), c.When)
		if len(c.Under) > 0 {
			text += " where it " + bodies(c.Under)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

func bodies(clauses []*lockorder.Clause) string {
	parts := make([]string, len(clauses))
	for i, c := range clauses {
		parts[i] = c.Body()
	}
	return strings.Join(parts, ", ")
}

func (b *behaviour) empty() bool { return len(b.Returns)+len(b.Calls) == 0 }

// behaviour returns what is known of fn; it is never nil.
func (p *pkg) behaviour(fn *ssa.Function) *behaviour {
	if fn.Origin() != nil {
		fn = fn.Origin()
	}
	if fn.Pkg != p.ssa || len(fn.Blocks) == 0 {
		return p.imported(fn)
	}
	p.analyze(fn)
	f := p.functions[fn]
	if f == nil || f.behaves == nil {
		return &behaviour{} // recursion
	}
	return f.behaves
}

func (p *pkg) imported(fn *ssa.Function) *behaviour {
	b := &behaviour{}
	if obj, ok := fn.Object().(*types.Func); ok && obj.Pkg() != nil && obj.Pkg() != p.pass.Pkg {
		p.pass.ImportObjectFact(obj.Origin(), b)
	}
	return b
}

// behaviour computes what f does.
func (f *function) behaviour() *behaviour {
	b := &behaviour{}
	f.around = nil
	for i := range f.ssa.Signature.Results().Len() {
		if clauses := f.returnedClauses(i); len(clauses) > 0 {
			b.Returns = append(b.Returns, returnedFunc{i, clauses})
		}
	}
	for i, v := range f.ssa.Params {
		if !isFunc(v.Type()) {
			continue
		}
		if when, known := f.pkg.callsParam(f.ssa, i); known {
			b.Calls = append(b.Calls, calledParam{i, when, f.under(v)})
		}
	}
	return b
}

func (f *function) under(v *ssa.Parameter) []*lockorder.Clause {
	var out []*lockorder.Clause
	for _, pc := range f.paramCalls {
		if pc.param != v {
			continue
		}
		for _, x := range pc.held {
			f.around = append(f.around, x.Lock.Class)
			if lock, ok := f.positionalLock(x.Lock); ok {
				out = append(out, &lockorder.Clause{Verb: lockorder.Acquires, Lock: lock, Mode: x.Mode})
			}
		}
	}
	return out
}

// positionalLock names a lock from a parameter by its position.
func (f *function) positionalLock(l lockorder.Lock[Obj]) (lockorder.LockExpr, bool) {
	e, ok := f.lockExpr(l)
	if !ok || strings.HasPrefix(e.Of.Root, freeRoot) {
		return e, false
	}
	e.Of = f.positionalPath(e.Of)
	return e, true
}

func (f *function) positionalPath(p lockorder.Path) lockorder.Path {
	if f.contract != nil {
		if i := slices.Index(f.contract.Params, p.Root); i >= 0 {
			p.Root = paramName(i)
		}
	}
	return p
}

// returnedClauses says what a call of the i-th result does, if it is the same function on every return.
func (f *function) returnedClauses(i int) []*lockorder.Clause {
	if !isFunc(f.ssa.Signature.Results().At(i).Type()) {
		return nil
	}
	var common []*lockorder.Clause
	first := true
	for _, b := range f.ssa.Blocks {
		ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok {
			continue
		}
		if c, ok := ret.Results[i].(*ssa.Const); ok && c.IsNil() {
			continue
		}
		clauses := f.outward(f.valueCallee(ret.Results[i], nil), ret)
		if !first && bodies(clauses) != bodies(common) {
			return nil
		}
		common, first = clauses, false
	}
	return common
}

// outward returns the clauses of c about single locks in terms of f's own parameters.
func (f *function) outward(c *callee, at ssa.Instruction) []*lockorder.Clause {
	if c == nil || c.Contract == nil {
		return nil
	}
	b := binding{f: f, callee: c, at: at}
	var out []*lockorder.Clause
	for _, clause := range c.Clauses {
		n := *clause
		expr := &n.Lock
		switch clause.Verb {
		case lockorder.Requires:
			if clause.Need.Op != lockorder.NeedLock {
				continue
			}
			expr = &n.Need.Lock
		case lockorder.Acquires, lockorder.Releases, lockorder.Excludes, lockorder.Drops:
		default:
			continue
		}
		if len(n.If)+len(n.On)+len(n.Need.If) > 0 {
			continue
		}
		lock, ok := f.bound(b, *expr)
		if !ok {
			continue
		}
		if *expr, ok = f.positionalLock(lock); ok {
			n.Owner = "func " + f.ssa.Name()
			out = append(out, &n)
		}
	}
	return out
}

// bound returns the lock that an expression denotes.
func (f *function) bound(b binding, e lockorder.LockExpr) (lockorder.Lock[Obj], bool) {
	if e.Class == lockorder.AnyClass {
		return b.LockAt(e.Of)
	}
	lock := lockorder.Lock[Obj]{Class: f.profile.Class(e.Class), Sub: e.Sub}
	if lock.Class == nil {
		return lock, false
	}
	of, ok := b.Object(e.Of)
	lock.Of = of
	return lock, ok
}

// positional binds clauses whose paths start at parameters by position.
func (f *function) positional(clauses []*lockorder.Clause, args []ssa.Value, at ssa.Instruction) binding {
	fn := &lockorder.Func{Params: paramNames(len(args)), Clauses: clauses}
	return binding{f: f, callee: &callee{Contract: &contract.Contract{Func: fn}, args: args}, at: at}
}

// returnedCallee returns what the i-th result of a call does when it is called.
func (f *function) returnedCallee(call *ssa.Call, i int, _ []ssa.Value) *callee {
	fn := call.Common().StaticCallee()
	if fn == nil || wraps(fn) {
		return nil
	}
	for _, r := range f.pkg.behaviour(fn).Returns {
		if r.Result == i {
			b := f.positional(r.Clauses, call.Common().Args, call)
			b.callee.Func.Name = "what " + fn.Name() + " returns"
			return b.callee
		}
	}
	return nil
}

// exportBehaviour publishes what a function does for packages that import this one.
func (p *pkg) exportBehaviour(f *function) {
	obj, ok := f.ssa.Object().(*types.Func)
	if !ok || !obj.Exported() || obj.Pkg() != p.pass.Pkg {
		return
	}
	if b := p.behaviour(f.ssa); !b.empty() {
		p.pass.ExportObjectFact(obj, b)
	}
}
