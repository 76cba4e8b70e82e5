package heldset

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// reassigned says whether the function takes another lock under the very name by which it gives back this one, because it
// assigned to a field in between: h.s.mu.Lock(); h.s = t; h.s.mu.Unlock(). It is then no helper that unlocks for others.
func (f *function) reassigned(lock lockorder.Lock[Obj], at ssa.Instruction) bool {
	name := f.pkg.source.receiver(at)
	if name == "" {
		return false
	}
	for other, sites := range f.uses.acquired {
		if other.Class != lock.Class || other.Of == lock.Of {
			continue
		}
		for _, taken := range sites {
			if f.pkg.source.receiver(taken) == name && precedes(taken, at) {
				return true
			}
		}
	}
	return false
}

// precedes says whether every path to b goes through a.
func precedes(a, b ssa.Instruction) bool {
	if a.Block() != b.Block() {
		return a.Block().Dominates(b.Block())
	}
	return placeInBlock(a) < placeInBlock(b)
}

// receiver returns the lock of a call of Lock or Unlock as it is written, if its owner is a field of something: "h.s.mu".
func (s *source) receiver(at ssa.Instruction) string {
	node := s.calls[position(at)]
	call, ok := node.(*ast.CallExpr)
	if !ok {
		return ""
	}
	method, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	lock, ok := ast.Unparen(method.X).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if _, ok := ast.Unparen(lock.X).(*ast.SelectorExpr); !ok {
		return ""
	}
	return types.ExprString(lock)
}
