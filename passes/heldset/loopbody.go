package heldset

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
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
