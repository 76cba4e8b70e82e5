package heldset

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// noteShared finds, for each field that is a lock, the numbers and flags beside it that functions change under it: who gives the
// lock back does not know them any more. A field that is set where the object is made, or as an option of it, stays as it is.
func (p *pkg) noteShared(functions []*ssa.Function) {
	for _, fn := range functions {
		locks, stored := lockFields(fn), storedFields(fn)
		for _, s := range stored {
			for _, lock := range locks {
				if fieldOf(s.owner, lock) {
					p.share(lock, s.field)
				}
			}
			if len(locks) == 0 && strings.HasSuffix(fn.Name(), "Locked") {
				for v := range s.owner.Fields() {
					if isLock(v.Type()) {
						p.share(v, s.field)
					}
				}
			}
		}
	}
}

func (p *pkg) share(lock, field *types.Var) {
	if !slices.Contains(p.shared[lock], field) {
		p.shared[lock] = append(p.shared[lock], field)
	}
}

// A storedField is a number or flag of a struct that a function changes.
type storedField struct {
	field *types.Var
	owner *types.Struct
}

// storedFields are those of objects that the function has not made itself.
func storedFields(fn *ssa.Function) []storedField {
	var out []storedField
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			store, ok := instr.(*ssa.Store)
			if !ok {
				continue
			}
			addr, ok := store.Addr.(*ssa.FieldAddr)
			if !ok {
				continue
			}
			if _, made := addr.X.(*ssa.Alloc); made {
				continue
			}
			field := fieldVar(addr.X.Type(), addr.Field)
			if _, basic := field.Type().Underlying().(*types.Basic); !basic {
				continue
			}
			if owner, ok := contentStruct(addr.X.Type()); ok {
				out = append(out, storedField{field, owner})
			}
		}
	}
	return out
}

// lockFields are the locks that the function takes or gives back itself.
func lockFields(fn *ssa.Function) []*types.Var {
	var out []*types.Var
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			if call, ok := instr.(ssa.CallInstruction); ok {
				if v := lockField(call.Common()); v != nil && !slices.Contains(out, v) {
					out = append(out, v)
				}
			}
		}
	}
	return out
}

// lockField returns the field that is the receiver of a method of a lock, or nil.
func lockField(call *ssa.CallCommon) *types.Var {
	if call.IsInvoke() || len(call.Args) == 0 || call.Signature().Recv() == nil {
		return nil
	}
	if addr, ok := call.Args[0].(*ssa.FieldAddr); ok && isLock(addr.Type()) {
		return fieldVar(addr.X.Type(), addr.Field)
	}
	return nil
}

func fieldOf(s *types.Struct, field *types.Var) bool {
	for v := range s.Fields() {
		if v == field {
			return true
		}
	}
	return false
}

// changedBy returns the fields that others may have changed when a call returns, since it gives back their lock.
func (p *pkg) changedBy(call *ssa.CallCommon) []*types.Var {
	if fn := call.StaticCallee(); fn == nil || fn.Name() != "Unlock" && fn.Name() != "RUnlock" {
		return nil
	}
	if lock := lockField(call); lock != nil {
		return p.shared[lock]
	}
	return nil
}
