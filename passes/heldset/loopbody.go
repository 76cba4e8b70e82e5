package heldset

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// loopBody returns the function that SSA makes of the body of a loop that ranges over a function, if v is one.
func loopBody(v ssa.Value) *ssa.Function {
	if mc, ok := v.(*ssa.MakeClosure); ok {
		v = mc.Fn
	}
	if fn, ok := v.(*ssa.Function); ok && fn.Synthetic == "range-over-func yield" {
		return fn
	}
	return nil
}

// insideIterator returns h with the locks that a method which is ranged over takes around the loop body, its i-th argument.
func (f *function) insideIterator(h state, call *ssa.CallCommon, i int, at ssa.CallInstruction) state {
	mc, ok := call.Value.(*ssa.MakeClosure)
	if !ok {
		return h
	}
	obj, bound := boundMethod(mc.Fn.(*ssa.Function))
	if !bound || types.IsInterface(mc.Bindings[0].Type()) {
		return h
	}
	direct := &ssa.CallCommon{Value: f.ssa.Prog.FuncValue(obj), Args: append(slices.Clone(mc.Bindings), call.Args...)}
	if direct.StaticCallee() == nil {
		return h
	}
	return f.takeAll(h, f.underParam(direct, i+1), direct, at)
}

// heldByMade returns the classes of the locks that an iterator which a function of the package makes holds around the loop
// body: whose they are cannot be told.
func (p *pkg) heldByMade(call *ssa.CallCommon) []*lockorder.Class {
	made, ok := call.Value.(*ssa.Call)
	if !ok {
		return nil
	}
	maker := made.Call.StaticCallee()
	if maker == nil || maker.Pkg != p.ssa {
		return nil
	}
	var classes []*lockorder.Class
	for _, b := range maker.Blocks {
		ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok || len(ret.Results) == 0 {
			continue
		}
		v := ret.Results[0]
		if named, ok := v.(*ssa.ChangeType); ok { // iter.Seq
			v = named.X
		}
		if mc, ok := v.(*ssa.MakeClosure); ok {
			p.analyze(mc.Fn.(*ssa.Function))
			if f := p.functions[mc.Fn.(*ssa.Function)]; f != nil {
				classes = append(classes, f.around...)
			}
		}
	}
	return classes
}

// notAbout returns the events that are not about locks of the classes.
func notAbout(events []event, classes []*lockorder.Class) []event {
	return slices.DeleteFunc(slices.Clone(events), func(e event) bool {
		class := e.Lock.Class
		if e.Need != nil {
			class = e.Need.Lock.Class
		}
		return slices.Contains(classes, class)
	})
}

// position returns where at stands in the source. SSA gives none to the return at the end of a function, nor to the call
// that runs a loop body.
func position(at ssa.Instruction) token.Pos {
	if ret, ok := at.(*ssa.Return); ok && !ret.Pos().IsValid() && ret.Parent().Syntax() != nil {
		return ret.Parent().Syntax().End() - 1 // the closing brace
	}
	if call, ok := at.(*ssa.Call); ok && !call.Pos().IsValid() {
		for _, arg := range call.Call.Args {
			if body := loopBody(arg); body != nil {
				return body.Pos()
			}
		}
	}
	return at.Pos()
}
