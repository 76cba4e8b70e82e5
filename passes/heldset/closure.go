package heldset

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// target returns the function that a call calls and what it captures, also through a local variable that is assigned one
// function literal: "unlock := func() { … }" whose variable is captured by others. nil if it is not known.
func target(call *ssa.CallCommon) (*ssa.Function, []ssa.Value) {
	if call.IsInvoke() {
		return nil, nil
	}
	switch v := call.Value.(type) {
	case *ssa.Function:
		return v, nil
	case *ssa.MakeClosure:
		return v.Fn.(*ssa.Function), v.Bindings
	case *ssa.UnOp:
		if v.Op != token.MUL {
			return nil, nil
		}
		switch addr := v.X.(type) {
		case *ssa.Alloc:
			return onlyLiteral(addr)
		case *ssa.FreeVar:
			return throughParent(v.Parent(), addr)
		}
	}
	return nil, nil
}

// onlyLiteral returns the one function literal that a variable is ever assigned.
func onlyLiteral(v *ssa.Alloc) (*ssa.Function, []ssa.Value) {
	var fn *ssa.Function
	var free []ssa.Value
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			mc, isLiteral := r.Val.(*ssa.MakeClosure)
			f, isFunc := r.Val.(*ssa.Function)
			if fn != nil || r.Addr != v || !isLiteral && !isFunc {
				return nil, nil
			}
			if fn = f; isLiteral {
				fn, free = mc.Fn.(*ssa.Function), mc.Bindings
			}
		case *ssa.MakeClosure:
			if assigns(r, v) {
				return nil, nil
			}
		case *ssa.UnOp, *ssa.DebugRef:
		default:
			return nil, nil
		}
	}
	return fn, free
}

// assigns says whether a function literal assigns to a variable that it captures, or captures it further.
func assigns(mc *ssa.MakeClosure, v ssa.Value) bool {
	fv := mc.Fn.(*ssa.Function).FreeVars[slices.Index(mc.Bindings, v)]
	return slices.ContainsFunc(*fv.Referrers(), func(r ssa.Instruction) bool {
		_, load := r.(*ssa.UnOp)
		return !load
	})
}

// throughParent resolves a captured variable. What the function literal in it captures is named by what fn captures itself.
func throughParent(fn *ssa.Function, fv *ssa.FreeVar) (*ssa.Function, []ssa.Value) {
	if fn.Parent() == nil {
		return nil, nil
	}
	for _, r := range *fn.Referrers() {
		mc, ok := r.(*ssa.MakeClosure)
		if !ok {
			continue
		}
		alloc, ok := mc.Bindings[slices.Index(fn.FreeVars, fv)].(*ssa.Alloc)
		if !ok {
			return nil, nil
		}
		callee, free := onlyLiteral(alloc)
		here := make([]ssa.Value, len(free))
		for i, v := range free {
			j := slices.Index(mc.Bindings, v)
			if j < 0 {
				return nil, nil
			}
			here[i] = fn.FreeVars[j]
		}
		return callee, here
	}
	return nil, nil
}
