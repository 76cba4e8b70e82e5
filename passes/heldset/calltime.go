package heldset

import (
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// callsParam says when a function calls its i-th parameter, from its body or from what was found out about its package.
func (p *pkg) callsParam(fn *ssa.Function, i int) (when lockorder.CallTime, known bool) {
	if fn.Origin() != nil {
		fn = fn.Origin()
	}
	if fn.Pkg != p.ssa || len(fn.Blocks) == 0 {
		for _, c := range p.imported(fn).Calls {
			if c.Param == i {
				return c.When, true
			}
		}
		return 0, false
	}
	if i >= len(fn.Params) {
		return 0, false
	}
	v := fn.Params[i]
	if t, begun := p.params[v]; begun {
		return t.when, t.known
	}
	p.params[v] = callTime{known: false}
	t := p.paramTime(v)
	if t.known && !t.called {
		t.known = false
	}
	p.params[v] = t
	return t.when, t.known
}

// A callTime is when a function value is called, if it is known; the zero callTime is not known.
type callTime struct {
	when   lockorder.CallTime
	known  bool
	called bool // it is called at all, or handed on
}

func calledAt(when lockorder.CallTime) callTime { return callTime{when, true, true} }

// paramTime goes through the uses of a function value: it is called when its uses call it, if they agree or it is not
// called now by any.
func (p *pkg) paramTime(v ssa.Value) callTime {
	t := callTime{known: true}
	if p.timing[v] {
		return t // a literal that calls itself says nothing new
	}
	p.timing[v] = true
	defer delete(p.timing, v)
	for _, at := range *v.Referrers() {
		use := p.useTime(v, at)
		if !use.known || use.called && use.when != lockorder.CallNow {
			return use
		}
		t.called = t.called || use.called
	}
	return t
}

// useTime says when one use of a function value calls it.
func (p *pkg) useTime(v ssa.Value, at ssa.Instruction) callTime {
	switch at := at.(type) {
	case *ssa.DebugRef, *ssa.BinOp:
		return callTime{known: true}
	case *ssa.Go:
		return calledAt(lockorder.CallTask)
	case ssa.CallInstruction:
		call := at.Common()
		for i, arg := range call.Args {
			if arg == v {
				when, known := p.passing(call, i)
				return callTime{when, known, true}
			}
		}
		return calledAt(lockorder.CallNow)
	case *ssa.Store:
		if local, ok := at.Addr.(*ssa.Alloc); ok && at.Val == v {
			return p.cellTime(local, at)
		}
		return calledAt(lockorder.CallLater)
	case *ssa.UnOp: // of a variable that a literal captures
		return p.paramTime(at)
	case *ssa.MakeClosure:
		return p.capturedTime(v, at)
	}
	return callTime{}
}

// cellTime follows a function value that is stored once, in a variable that literals capture: SSA gives a parameter one.
func (p *pkg) cellTime(cell *ssa.Alloc, store *ssa.Store) callTime {
	t := callTime{known: true}
	for _, at := range *cell.Referrers() {
		if at == store {
			continue
		}
		if _, again := at.(*ssa.Store); again {
			return callTime{}
		}
		use := p.useTime(cell, at)
		if !use.known || use.called && use.when != lockorder.CallNow {
			return use
		}
		t.called = t.called || use.called
	}
	return t
}

// capturedTime says when a literal calls a function value that it captures: when it runs itself, if it calls it.
func (p *pkg) capturedTime(v ssa.Value, literal *ssa.MakeClosure) callTime {
	fn := literal.Fn.(*ssa.Function)
	i := slices.Index(literal.Bindings, v)
	if i < 0 || len(*literal.Referrers()) == 0 {
		return callTime{}
	}
	inside := p.paramTime(fn.FreeVars[i])
	if !inside.known || !inside.called || inside.when != lockorder.CallNow {
		return inside
	}
	return p.paramTime(literal)
}
