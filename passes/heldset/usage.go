package heldset

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// use notes how fn uses functions: calls them, passes them to calls that call them at once, or lets them out of sight.
func (p *pkg) use(fn *ssa.Function) {
	var operands []*ssa.Value
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			if closure, ok := instr.(*ssa.MakeClosure); ok {
				p.useValue(closure, closure.Fn.(*ssa.Function), 0)
				continue
			}
			if store, ok := instr.(*ssa.Store); ok {
				p.useAsField(store)
			}
			operands = instr.Operands(operands[:0])
			for _, op := range operands {
				if f, ok := (*op).(*ssa.Function); ok {
					p.useAt(f, f, instr, 0)
				}
			}
		}
	}
}

// useValue notes all uses of a value that is the function fn.
func (p *pkg) useValue(v ssa.Value, fn *ssa.Function, depth int) {
	if v.Referrers() == nil || depth > maxIndirection {
		p.escape(fn)
		return
	}
	for _, at := range *v.Referrers() {
		p.useAt(v, fn, at, depth)
	}
}

// useAt notes one use of v, which is the function fn.
func (p *pkg) useAt(v ssa.Value, fn *ssa.Function, at ssa.Instruction, depth int) {
	switch at := at.(type) {
	case *ssa.DebugRef:
	case *ssa.Return:
		p.call(fn) // it is for those who call the result to meet its needs
		p.passed[fn] = true
	case *ssa.ChangeType:
		p.useValue(at, fn, depth+1)
	case *ssa.BinOp: // compared with nil
	case *ssa.Store:
		if at.Val == v && p.onlyStored(at.Addr) == v {
			p.useCell(at.Addr, fn, depth)
			return
		}
		p.escape(fn)
	case ssa.CallInstruction:
		p.useInCall(v, fn, at)
	default:
		p.escape(fn)
	}
}

// useCell notes the uses of a function variable that is assigned once.
func (p *pkg) useCell(cell ssa.Value, fn *ssa.Function, depth int) {
	if _, ok := cell.(*ssa.FieldAddr); ok {
		p.call(fn)
		p.passed[fn] = true
		return
	}
	for _, load := range p.loads[p.origin(cell)] {
		p.useValue(load, fn, depth+1)
	}
}

func (p *pkg) useInCall(v ssa.Value, fn *ssa.Function, at ssa.CallInstruction) {
	call := at.Common()
	_, isGo := at.(*ssa.Go)
	if call.Value == v && !call.IsInvoke() {
		if isGo {
			p.escape(fn) // a task of its own holds nothing
		} else {
			p.call(fn)
		}
	}
	for i, arg := range call.Args {
		switch {
		case arg != v:
		case isGo:
			p.escape(fn)
		default:
			if when, known := p.passing(call, i); known && when != lockorder.CallNow {
				p.escapeTask(fn)
				continue
			}
			p.call(fn)
			p.passed[fn] = true
		}
	}
}

func (p *pkg) call(fn *ssa.Function)   { p.called[p.declared(fn)] = true }
func (p *pkg) escape(fn *ssa.Function) { p.escapes[p.declared(fn)] = true }

// escapeTask notes that a function runs later or in a task of its own. Of a method value the call is checked where it is
// passed; a literal is checked by itself.
func (p *pkg) escapeTask(fn *ssa.Function) {
	if p.declared(fn) != fn {
		p.call(fn)
		return
	}
	p.escape(fn)
}

// declared returns the method that a bound method or a method expression wraps, or fn itself.
func (p *pkg) declared(fn *ssa.Function) *ssa.Function {
	if fn.Synthetic == "" || fn.Origin() != nil {
		return fn
	}
	if obj, ok := fn.Object().(*types.Func); ok {
		if d := fn.Prog.FuncValue(obj); d != nil {
			return d
		}
	}
	return fn
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

func (p *pkg) calledOnly(fn *ssa.Function) bool { return p.called[fn] && !p.escapes[fn] }

// passing says when a call calls its i-th argument (receivers of static calls count); known is false if nobody can tell.
func (p *pkg) passing(call *ssa.CallCommon, i int) (when lockorder.CallTime, known bool) {
	var fn *ssa.Function
	var obj *types.Func
	if call.IsInvoke() {
		obj, i = call.Method, i+1
	} else if fn = call.StaticCallee(); fn == nil {
		return 0, false
	} else if obj, _ = fn.Object().(*types.Func); fn.Synthetic != "" && fn.Origin() == nil {
		return 0, false
	}
	if obj != nil {
		if c := p.contracts.Of(obj, p.contracts.Profile(nil)); c != nil {
			for _, clause := range c.Clauses {
				if clause.Verb == lockorder.Calls && i < len(c.Params) && clause.Right.Root == c.Params[i] {
					return clause.When, true
				}
			}
		}
	}
	if fn == nil {
		return 0, false
	}
	return p.callsParam(fn, i)
}

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
	t := p.paramTime(v, callTime{lockorder.CallNow, true})
	p.params[v] = t
	return t.when, t.known
}

// A callTime is when a function value is called, if it is known.
type callTime struct {
	when  lockorder.CallTime
	known bool
}

// paramTime goes through the uses of a function value.
func (p *pkg) paramTime(v ssa.Value, t callTime) callTime {
	called := false
	for _, at := range *v.Referrers() {
		switch at := at.(type) {
		case *ssa.DebugRef, *ssa.BinOp:
		case *ssa.Go:
			return callTime{lockorder.CallTask, true}
		case ssa.CallInstruction:
			call := at.Common()
			called = true
			for i, arg := range call.Args {
				if arg == v {
					if when, known := p.passing(call, i); !known || when != lockorder.CallNow {
						return callTime{when, known}
					}
				}
			}
		case *ssa.Store:
			if _, local := at.Addr.(*ssa.Alloc); local {
				return callTime{}
			}
			return callTime{lockorder.CallLater, true}
		default:
			return callTime{}
		}
	}
	t.known = called
	return t
}
