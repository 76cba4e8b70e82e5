package heldset

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// An escapeWalk follows an object through a function, to where others may get to know it.
type escapeWalk struct {
	pkg    *pkg
	class  *lockorder.Class
	before func(ssa.Instruction) bool // whether an instruction counts
	seen   map[ssa.Value]bool
	object types.Type // a pointer to it
	// returned: the function returns it, or something that leads to it.
	returned bool
}

// escapes says whether others may know the object that v points to.
func (w *escapeWalk) escapes(v ssa.Value) bool {
	w.seen, w.object = map[ssa.Value]bool{}, v.Type()
	return w.value(v, false)
}

// value follows a pointer into the object; or, with in, a variable or another object of the function that may hold one.
func (w *escapeWalk) value(v ssa.Value, in bool) bool {
	if w.seen[v] || v.Referrers() == nil {
		return false
	}
	w.seen[v] = true
	for _, use := range *v.Referrers() {
		if w.use(v, use, in) {
			return true
		}
	}
	return false
}

func (w *escapeWalk) use(v ssa.Value, use ssa.Instruction, in bool) bool {
	switch use := use.(type) {
	case *ssa.DebugRef, *ssa.BinOp, *ssa.If, *ssa.Lookup, *ssa.Panic:
		return false
	case *ssa.UnOp:
		return in && w.mayBe(use.Type()) && w.value(use, leadsIn(use.Type()))
	case *ssa.FieldAddr, *ssa.IndexAddr, *ssa.Slice:
		return w.value(use.(ssa.Value), in)
	case *ssa.Phi, *ssa.ChangeType, *ssa.ChangeInterface, *ssa.MakeInterface, *ssa.Extract, *ssa.Field, *ssa.TypeAssert, *ssa.Convert:
		return w.value(use.(ssa.Value), in)
	case *ssa.Store:
		return use.Val == v && w.stored(use)
	case *ssa.Return:
		w.returned = true
		return false
	case *ssa.MakeClosure:
		return w.captured(v, use)
	case *ssa.Call:
		return w.passed(v, &use.Call, use, in)
	case *ssa.Defer:
		return w.passed(v, &use.Call, use, in)
	}
	return w.before(use)
}

// mayBe says whether a value of the type can be the object: an interface only if the object is one.
func (w *escapeWalk) mayBe(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return !ok || types.Implements(w.object, i)
}

// leadsIn says whether a value of the type is a struct or a slice, in which the object may be.
func leadsIn(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Struct, *types.Slice, *types.Array:
		return true
	}
	return false
}

// stored follows a store of the object: into itself, or into what the function has made.
func (w *escapeWalk) stored(s *ssa.Store) bool {
	addr := s.Addr
	for {
		if w.seen[addr] {
			return false
		}
		switch a := addr.(type) {
		case *ssa.FieldAddr:
			addr = a.X
			continue
		case *ssa.IndexAddr:
			addr = a.X
			continue
		case *ssa.UnOp: // a node of the same tree
			if types.Identical(a.Type(), s.Val.Type()) {
				addr = a.X
				continue
			}
		case *ssa.Alloc:
			return w.value(a, true)
		}
		return w.before(s)
	}
}

// captured follows an object into a function literal.
func (w *escapeWalk) captured(v ssa.Value, mc *ssa.MakeClosure) bool {
	if !onlyPassed(mc) {
		return w.before(mc)
	}
	inner := *w
	inner.before = func(ssa.Instruction) bool { return w.before(mc) }
	fn := mc.Fn.(*ssa.Function)
	for i, b := range mc.Bindings {
		if b == v && inner.value(fn.FreeVars[i], true) {
			return true
		}
	}
	return false
}

// passed follows an argument of a call.
func (w *escapeWalk) passed(v ssa.Value, call *ssa.CallCommon, at ssa.Instruction, in bool) bool {
	result, _ := at.(ssa.Value)
	if _, builtin := call.Value.(*ssa.Builtin); builtin {
		return result != nil && w.value(result, true)
	}
	if call.IsInvoke() {
		return w.before(at) && (call.Value == v || in || !w.pkg.leavesAlone(v.Type(), w.object, w.class))
	}
	fn := call.StaticCallee()
	for i, arg := range call.Args {
		if arg != v {
			continue
		}
		if i > 0 && fn != nil && fn.Signature.Recv() != nil && w.part(call.Args[0]) || i == 0 && w.part(v) && fn != nil && fn.Signature.Recv() != nil && w.elsewhere(fn) {
			continue // it tells a part of itself, or is asked by a method of the part
		}
		out, back := w.pkg.flows(fn, i)
		out = out && !(w.elsewhere(fn) && !in && w.pkg.leavesAlone(v.Type(), w.object, w.class))
		if out && w.before(at) || back && result != nil && w.value(result, in || leadsIn(result.Type())) {
			return true
		}
	}
	return call.Value == v && w.before(at)
}

// elsewhere says whether a function is one of another package.
func (w *escapeWalk) elsewhere(fn *ssa.Function) bool {
	return fn != nil && declared(fn).Pkg != w.pkg.ssa
}

// part says whether a value is the address of a part of the object.
func (w *escapeWalk) part(v ssa.Value) bool {
	_, ok := v.(*ssa.FieldAddr)
	return ok && w.seen[v.(*ssa.FieldAddr).X]
}

// A flow is what becomes of an argument: others may know it, or the result leads to it.
type flow struct{ out, back bool }

// flows returns what a function does with its i-th argument. Those of other packages may tell everybody.
func (p *pkg) flows(fn *ssa.Function, i int) (out, back bool) {
	if fn == nil {
		return true, true
	}
	if fn = declared(fn); prints(fn) {
		return false, false
	}
	if fn.Pkg != p.ssa || i >= len(fn.Params) || len(fn.Blocks) == 0 {
		return p.leaks(&ssa.CallCommon{Value: fn}, i), false
	}
	v := fn.Params[i]
	if have, ok := p.flowing[v]; ok {
		return have.out, have.back
	}
	p.flowing[v] = flow{} // in a recursion: what the rest of the function says
	w := escapeWalk{pkg: p, before: func(ssa.Instruction) bool { return true }}
	have := flow{out: w.escapes(v)}
	have.back = w.returned
	p.flowing[v] = have
	return have.out, have.back
}

// prints says whether a function of package fmt keeps nothing of what it is given, as all do but Errorf.
func prints(fn *ssa.Function) bool {
	obj := fn.Object()
	return obj != nil && obj.Pkg() != nil && obj.Pkg().Path() == "fmt" && obj.Name() != "Errorf"
}
