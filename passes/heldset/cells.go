package heldset

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// cellLoads are the functions and methods of package kernelshim that return what their cell holds.
var cellLoads = map[string]bool{
	"Get": true, "ReadOnce": true, "SmpLoadAcquire": true, "RcuDereference": true, "RcuDereferenceProtected": true,
	"RcuAccessPointer": true, "PmdpGet": true, "PmdpGetLockless": true, "PtepGet": true, "PtepGetLockless": true,
	"PudpGet": true,
}

// shimCell returns the name of a function of package kernelshim whose first argument is a shared cell, and that cell.
func shimCell(call *ssa.CallCommon) (name string, cell ssa.Value) {
	callee := call.StaticCallee()
	if callee == nil || len(call.Args) == 0 {
		return "", nil
	}
	obj, ok := callee.Object().(*types.Func)
	if !ok || obj.Pkg() == nil || obj.Pkg().Path() != contract.ShimPath {
		return "", nil
	}
	p, ok := call.Args[0].Type().Underlying().(*types.Pointer)
	if !ok {
		return "", nil
	}
	if _, ok := cellElem(p.Elem()); !ok {
		return "", nil
	}
	return obj.Name(), call.Args[0]
}

// loadedCell returns the cell that a call reads and whose value it returns, or nil.
func (f *function) loadedCell(call *ssa.CallCommon) ssa.Value {
	if name, cell := shimCell(call); cellLoads[name] {
		return cell
	}
	return nil
}

// storedCell returns the cell that a call changes, or nil: its first argument, or what its contract says that it writes.
func (f *function) storedCell(call *ssa.CallCommon) ssa.Value {
	if name, cell := shimCell(call); cell != nil {
		if cellLoads[name] {
			return nil
		}
		return cell
	}
	c := f.statedCallee(call)
	if c == nil || !c.Kernel {
		return nil
	}
	for _, clause := range c.Clauses {
		if clause.Verb != lockorder.Writes || len(clause.Right.Fields) > 0 {
			continue
		}
		if i := slices.Index(c.Params, clause.Right.Root); i >= 0 && i < len(c.args) {
			if _, isCell := cellElem(deref(c.args[i].Type())); isCell {
				return c.args[i]
			}
		}
	}
	return nil
}
