package heldset

import (
	"fmt"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// paramName is the path root of the i-th parameter in inferred contracts.
func paramName(i int) string { return fmt.Sprintf("%s%d", argRoot, i) }

// argRoot starts the path root of a parameter in an inferred contract.
const argRoot = "#"

// summary returns what f does to the locks of its callers, as a contract like a stated one; nil if it does nothing.
func (f *function) summary() *contract.Contract {
	fn := &lockorder.Func{Name: f.label()}
	for i := range f.ssa.Params {
		fn.Params = append(fn.Params, paramName(i))
	}
	for _, c := range f.assumed {
		if c.Verb == lockorder.Requires || c.Verb == lockorder.Ends {
			fn.Clauses = append(fn.Clauses, c)
		} else {
			fn.Clauses = append(fn.Clauses, f.releases(c)...)
		}
	}
	f.nameResults()
	for i, id := range f.outcome {
		if c, ok := f.same(i, id); ok {
			fn.Clauses = append(fn.Clauses, c)
		}
		fn.Clauses = append(fn.Clauses, f.filled(i, id)...)
	}
	for _, x := range f.exit.Locks() {
		if _, onEntry := f.entry.Find(x.Lock.Class.Name, x.Lock.Of); onEntry || x.Lock.Class == deferClass || x.Note() || f.uses.isLost(x.Lock) {
			continue
		}
		if c, ok := f.returnsWith(x); ok {
			fn.Clauses = append(fn.Clauses, c)
		}
	}
	fn.Clauses = append(fn.Clauses, f.drops()...)
	fn.Clauses = append(fn.Clauses, f.frees()...)
	fn.Clauses = append(fn.Clauses, f.uses.excludes...)
	fn.Clauses = append(fn.Clauses, f.survives()...)
	if f.uses.sleeps != nil {
		fn.Clauses = append(fn.Clauses, f.uses.sleeps)
	}
	if len(fn.Clauses) == 0 {
		return nil
	}
	return &contract.Contract{Func: fn}
}

// label is what findings call the function.
func (f *function) label() string {
	switch {
	case f.ssa.Parent() == nil:
		return f.ssa.Name()
	case loopBody(f.ssa) != nil:
		return "the loop body"
	}
	return "the function literal"
}

// nameResults finds the results that are one object on every return, but for nil.
func (f *function) nameResults() {
	f.outcome = make([]Obj, f.ssa.Signature.Results().Len())
	for _, b := range f.ssa.Blocks {
		ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok {
			continue
		}
		for i, v := range ret.Results {
			c, isConst := v.(*ssa.Const)
			id := f.objs.of(v)
			switch {
			case isConst && c.Value == nil:
			case f.outcome[i] == 0 || f.outcome[i] == id:
				f.outcome[i] = id
			default:
				f.outcome[i] = mixed
			}
		}
	}
}

// mixed stands for results that are not one object.
const mixed Obj = -1

// same says that the i-th result is what a parameter leads to, if it is and has locks: an accessor.
func (f *function) same(i int, id Obj) (*lockorder.Clause, bool) {
	if id <= 0 || !hasLocks(f.ssa.Signature.Results().At(i).Type()) {
		return nil, false
	}
	path, ok := f.pathOf(id)
	if !ok || path.Root == contract.ResultName(i) {
		return nil, false
	}
	return &lockorder.Clause{
		Verb: lockorder.Same, Left: lockorder.Path{Root: contract.ResultName(i)}, Right: path, Owner: "func " + f.label(),
	}, true
}

// releases says when the lock of an assumed Releases is not held on return: always, where a result tells, or on some paths.
func (f *function) releases(c *lockorder.Clause) []*lockorder.Clause {
	b := f.ownBinding()
	var lock lockorder.Lock[Obj]
	if c.Lock.Class == lockorder.AnyClass {
		lock, _ = b.LockAt(c.Lock.Of)
	} else {
		lock.Class = f.profile.Class(c.Lock.Class)
		lock.Of, _ = b.Object(c.Lock.Of)
	}
	if lock.Class == nil {
		return nil
	}
	x, held := f.exit.Find(lock.Class.Name, lock.Of)
	switch {
	case !held:
		return []*lockorder.Clause{c}
	case x.Certain():
		return nil
	}
	n := *c
	if len(x.When) == 1 && !x.Maybe {
		if t, onResult, ok := f.testOf(x.When[0]); ok && onResult {
			t.Op = t.Op.Negate()
			n.On = append(slices.Clip(n.On), t)
			return []*lockorder.Clause{&n}
		} else if ok && isFlag(t.Path) {
			t.Op = t.Op.Negate()
			n.If = append(slices.Clip(n.If), t)
			return []*lockorder.Clause{&n}
		}
	}
	n.If = append(slices.Clip(n.If), unknowable)
	return []*lockorder.Clause{&n}
}

// unknowable is a test of which no caller knows anything, so that what it conditions happens on some paths.
var unknowable = lockorder.Test{Path: lockorder.Path{Root: "#unknown"}, Op: lockorder.NonZero}

// returnsWith says how callers get a lock that the function has taken, if it is for them.
func (f *function) returnsWith(x lockorder.Holding[Obj]) (*lockorder.Clause, bool) {
	v, judged := f.returns[x.Lock]
	if !judged {
		if x.Maybe {
			return nil, false
		}
		return f.acquires(x)
	}
	if v.leak || f.returnsFunc() {
		return nil, false
	}
	when := x.When
	x.When = nil
	c, ok := f.acquires(x)
	switch {
	case !ok:
		return nil, false
	case len(v.on) > 0:
		c.On, c.If = v.on, f.paramTests(when)
	case v.vague && !x.Maybe && len(when) > 0:
		x.When = when
		if c, ok = f.acquires(x); !ok {
			return nil, false
		}
	case v.vague:
		c.If = lockorder.Cond{unknowable}
	}
	return c, true
}

// paramTests returns those of the conditions that callers can tell from what they pass.
func (f *function) paramTests(when []lockorder.Switch[Obj]) lockorder.Cond {
	var cond lockorder.Cond
	for _, s := range when {
		if t, onResult, ok := f.testOf(s); ok && !onResult && isFlag(t.Path) {
			cond = append(cond, t)
		}
	}
	return cond
}

// acquires says in terms of parameters and results that f returns holding x.
func (f *function) acquires(x lockorder.Holding[Obj]) (*lockorder.Clause, bool) {
	c := &lockorder.Clause{Verb: lockorder.Acquires, Mode: x.Mode, Try: x.Try, Owner: "func " + f.label()}
	if f.profile.Pair(x.Lock.Class.Name) != nil {
		path, ok := f.pathOf(x.Lock.Of)
		c.Verb = lockorder.Begins
		c.Use = lockorder.Apply{Name: x.Lock.Class.Name, Args: []lockorder.Path{path}}
		return c, ok && len(x.When) == 0
	}
	lock, ok := f.lockFrom(x.Lock, true)
	if !ok {
		return nil, false
	}
	c.Lock = lock
	for _, s := range x.When {
		t, onResult, ok := f.testOf(s)
		if !ok {
			return nil, false
		}
		if onResult {
			c.On = append(c.On, t)
		} else {
			c.If = append(c.If, t)
		}
	}
	return c, true
}

// testOf picks a literal of s that callers can see: one about a result, or else about a parameter.
func (f *function) testOf(s lockorder.Switch[Obj]) (t lockorder.Test, onResult, ok bool) {
	for _, l := range s {
		if n := f.objs.nodes[l.Subject]; n.kind == returnNode {
			return lockorder.Test{Path: lockorder.Path{Root: contract.ResultName(int(n.index))}, Op: l.Op, Value: l.Value}, true, true
		}
	}
	for _, l := range s {
		if path, ok := f.pathOf(l.Subject); ok {
			return lockorder.Test{Path: path, Op: l.Op, Value: l.Value}, false, true
		}
	}
	return lockorder.Test{}, false, false
}

// lockExpr names a lock from a parameter or package variable.
func (f *function) lockExpr(l lockorder.Lock[Obj]) (lockorder.LockExpr, bool) {
	return f.lockFrom(l, false)
}

// lockFrom is lockExpr; with some, parameters that only some callers know are good for a name too.
func (f *function) lockFrom(l lockorder.Lock[Obj], some bool) (lockorder.LockExpr, bool) {
	e := lockorder.LockExpr{Class: l.Class.Name, Sub: l.Sub}
	if l.Class.Kind.Info().Global {
		return e, true
	}
	path, ok := f.pathFrom(l.Of, some)
	e.Of = path
	if f.profile.Class(l.Class.Name) != l.Class {
		e.Class = lockorder.AnyClass // not of the kernel's contract: the path leads to the lock itself
	}
	return e, ok
}

// pathOf names an object from a parameter, a captured or a package variable.
func (f *function) pathOf(id Obj) (lockorder.Path, bool) { return f.pathFrom(id, false) }

func (f *function) pathFrom(id Obj, some bool) (lockorder.Path, bool) {
	var fields []string
	for {
		n := f.objs.nodes[id]
		switch {
		case n.kind == fieldNode && n.version == 0:
			fields = append(fields, n.name)
			id = n.base
			continue
		case n.kind == derefNode && n.version == 0:
			if _, ok := f.objs.nodes[n.base].val.(*ssa.Global); !ok {
				fields = append(fields, derefName)
			}
			id = n.base
			continue
		}
		slices.Reverse(fields)
		switch v := n.val.(type) {
		case *ssa.Parameter:
			if !some && !f.pkg.argKnown(f.ssa, slices.Index(f.ssa.Params, v)) {
				return lockorder.Path{}, false
			}
			return lockorder.Path{Root: f.paramRoot(v), Fields: fields}, true
		case *ssa.FreeVar:
			return lockorder.Path{Root: fmt.Sprintf("%s%d", freeRoot, slices.Index(f.ssa.FreeVars, v)), Fields: fields}, true
		case *ssa.Global:
			return lockorder.Path{
				Root: contract.PackageRoot + v.Pkg.Pkg.Path(), Fields: append([]string{v.Name()}, fields...),
			}, true
		}
		if i := slices.Index(f.outcome, id); i >= 0 {
			return lockorder.Path{Root: contract.ResultName(i), Fields: fields}, true
		}
		return lockorder.Path{}, false
	}
}

// paramRoot names a parameter as the function's own contract does, so that assumed clauses fit among stated ones.
func (f *function) paramRoot(v *ssa.Parameter) string {
	i := slices.Index(f.ssa.Params, v)
	if f.contract != nil && i < len(f.contract.Params) {
		return f.contract.Params[i]
	}
	return paramName(i)
}
