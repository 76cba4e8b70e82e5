package heldset

import (
	"go/token"

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

// loopBodies checks that the loop bodies which call gets have the locks that they need. What they lock and unlock is not
// followed: the code after the loop is taken to be reached with the locks that were held before it.
func (f *function) loopBodies(call *ssa.Call, h state) {
	for _, arg := range call.Call.Args {
		body := loopBody(arg)
		if body == nil {
			continue
		}
		c := &callee{Contract: f.pkg.inferred(body)}
		if c.Contract == nil {
			continue
		}
		if mc, ok := arg.(*ssa.MakeClosure); ok {
			c.free = mc.Bindings
		}
		before, _ := lockorder.CallEvents(f.profile, c.Func, binding{f: f, callee: c, at: call}, lockorder.Site(position(call)))
		f.steps(h, before, c, call)
	}
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
