package heldset

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// A sense is what a branch has found out about a value where it is taken.
type sense uint8

const (
	unclear sense = iota
	isZero
	isNonzero
	isEqual   // to a constant
	isOrdered // less or greater than something
)

// senseOf returns what is known where cond has the given truth.
func senseOf(cond ssa.Value, truth bool) (sense, *ssa.Const) {
	switch v := cond.(type) {
	case *ssa.UnOp:
		if v.Op == token.NOT {
			return senseOf(v.X, !truth)
		}
	case *ssa.BinOp:
		c, ok := v.Y.(*ssa.Const)
		switch v.Op {
		case token.LSS, token.LEQ, token.GTR, token.GEQ:
			return isOrdered, nil
		case token.EQL, token.NEQ:
			equal := truth == (v.Op == token.EQL)
			switch {
			case !ok:
				return unclear, nil
			case isZeroConst(c) && equal:
				return isZero, nil
			case isZeroConst(c):
				return isNonzero, nil
			case equal:
				return isEqual, c
			}
		}
		return unclear, nil
	}
	if truth {
		return isNonzero, nil
	}
	return isZero, nil
}

func isZeroConst(c *ssa.Const) bool {
	return c.Value == nil || literal{Op: lockorder.Equal, Value: constText(c)}.Normal().Op == lockorder.Zero || constText(c) == `""`
}

// isClear says whether a value that is stored is nothing: who clears a cell twice has cleared it.
func isClear(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && isZeroConst(c)
}

// undoes says whether a write makes untrue what a check found: it sets what was not there, takes what was, goes from one
// state to the next, or moves a number that was compared. To clear a flag that was set says nothing: whoever does it may.
func undoes(found sense, is *ssa.Const, write ssa.Instruction) bool {
	var v ssa.Value
	switch write := write.(type) {
	case *ssa.Call: // of a kernel's cell
		return len(write.Call.Args) != 2 || !isClear(write.Call.Args[1])
	case *ssa.Store:
		v = write.Val
	case *ssa.MapUpdate:
		v = write.Value
	}
	c, constant := v.(*ssa.Const)
	switch found {
	case isZero:
		return !constant || !isZeroConst(c)
	case isNonzero:
		return constant && c.IsNil()
	case isEqual:
		return !constant || constText(c) != constText(is)
	case isOrdered:
		b, ok := v.Type().Underlying().(*types.Basic)
		return ok && b.Info()&types.IsNumeric != 0
	}
	return false
}
