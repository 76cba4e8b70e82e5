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
			switch instr := instr.(type) {
			case *ssa.Store:
				p.useAsField(instr)
			case ssa.CallInstruction:
				p.useMethods(instr)
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

func (p *pkg) call(fn *ssa.Function)   { p.called[declared(fn)] = true }
func (p *pkg) escape(fn *ssa.Function) { p.escapes[declared(fn)] = true }

// escapeTask notes that a function runs later or in a task of its own. Of a method value the call is checked where it is
// passed; a literal is checked by itself.
func (p *pkg) escapeTask(fn *ssa.Function) {
	if wraps(fn) {
		p.call(fn)
		return
	}
	p.escape(fn)
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

// wraps says whether fn wraps a method, as a method value or expression does: its parameters are not those of the method.
func wraps(fn *ssa.Function) bool { return fn.Origin() == nil && declared(fn) != fn }

// useMethods notes that the methods that an interface method stands for are called.
func (p *pkg) useMethods(at ssa.CallInstruction) {
	call := at.Common()
	if !call.IsInvoke() {
		return
	}
	for _, m := range p.implementers(call.Method) {
		fn := at.Parent().Prog.FuncValue(m)
		if fn == nil || fn.Pkg != p.ssa {
			continue
		}
		p.invoked[fn] = true
		if _, isGo := at.(*ssa.Go); isGo {
			p.escape(fn)
		} else {
			p.call(fn)
		}
	}
}

// argKnown says whether those that call fn by its contract know what its i-th parameter is.
func (p *pkg) argKnown(fn *ssa.Function, i int) bool {
	method := fn.Signature.Recv() != nil
	if p.invoked[fn] && method && i == 0 {
		return false
	}
	return !p.passed[fn] || method && i == 0
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
	} else if obj, _ = fn.Object().(*types.Func); wraps(fn) {
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
