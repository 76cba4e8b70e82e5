package accesses

import (
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/passes/heldset"
)

// momentAt returns what is known at an access. An object that the function has allocated by a primitive is new until it is
// stored or handed out, as one that it has made by Go's means.
func (r *reader) momentAt(instr ssa.Instruction, object ssa.Value) *heldset.Moment {
	m := r.held.Moments[instr]
	if m == nil {
		m = &heldset.Moment{}
	}
	if !m.New && object != nil && allocatedBefore(object, instr) {
		n := *m
		n.New = true
		m = &n
	}
	return m
}

// allocatedBefore says whether v is an object that was allocated in the function of instruction at, and that nothing before at
// has let out of sight.
func allocatedBefore(v ssa.Value, at ssa.Instruction) bool {
	for range maxSteps {
		if f, ok := v.(*ssa.FieldAddr); ok {
			v = f.X
			continue
		}
		break
	}
	made, ok := v.(*ssa.Call)
	if !ok {
		return false
	}
	if name := Primitive(&made.Call); name != "New" && !strings.HasSuffix(name, "Alloc") { // anon_vma_alloc, vm_area_alloc
		return false
	}
	for _, use := range *made.Referrers() {
		switch use := use.(type) {
		case *ssa.FieldAddr, *ssa.DebugRef, *ssa.BinOp, *ssa.If:
			continue
		case *ssa.Call:
			if Primitive(&use.Call) != "" && len(use.Call.Args) > 0 && use.Call.Args[0] == made {
				continue // a primitive on the object itself
			}
		}
		if before(use, at) {
			return false
		}
	}
	return true
}

// before says whether a comes before b in its block, or on every way to it.
func before(a, b ssa.Instruction) bool {
	if a.Block() != b.Block() {
		return a.Block().Dominates(b.Block())
	}
	for _, instr := range a.Block().Instrs {
		switch instr {
		case a:
			return a != b
		case b:
			return false
		}
	}
	return false
}

// Handed says whether the object of an access was handed to the function by a call: whether anybody else knows it cannot be
// told then, for it may be a copy, or have been made there.
func (a *Access) Handed() bool {
	v := a.Object
	for range maxSteps {
		switch x := v.(type) {
		case *ssa.FieldAddr:
			v = x.X
		case *ssa.Extract:
			v = x.Tuple
		case *ssa.Phi:
			v = x.Edges[0]
		case *ssa.Call:
			return true
		default:
			return false
		}
	}
	return false
}
