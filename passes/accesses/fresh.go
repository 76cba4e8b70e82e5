package accesses

import (
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/memorder"
	"github.com/mmvet/mmvet/passes/heldset"
)

// momentAt returns what is known at an access. An object that the function has allocated by a primitive is new until it is
// stored or handed out, as one that it has made by Go's means. So is one that was handed to it until it stores a pointer to it: a node is
// made ready, and then linked.
func (r *reader) momentAt(instr ssa.Instruction, object ssa.Value) *heldset.Moment {
	m := r.held.Moments[instr]
	if m == nil {
		m = &heldset.Moment{}
	}
	if !m.New && object != nil && (allocatedBefore(object, instr) || publishedAfter(object, instr)) {
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

// publishedAfter says whether v is an object that the function of instruction at was given, and that it stores a pointer to, always
// after at.
func publishedAfter(v ssa.Value, at ssa.Instruction) bool {
	if !given(v) {
		return false
	}
	published := false
	for _, use := range *v.Referrers() {
		call, ok := use.(*ssa.Call)
		if !ok {
			continue
		}
		switch args := call.Call.Args; {
		case len(args) > 1 && args[len(args)-1] == v && stores(Primitive(&call.Call)):
			if !before(at, call) {
				return false
			}
			published = true
		case Primitive(&call.Call) == "" && before(call, at):
			return false // it may have been published there
		}
	}
	return published
}

// given says whether v is a parameter, or what stands in one that is no object of the kernel: a handle.
func given(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Parameter:
		return true
	case *ssa.Field:
		return given(v.X)
	case *ssa.UnOp:
		field, ok := v.X.(*ssa.FieldAddr)
		return ok && v.Op == token.MUL && !isObject(deref(field.X.Type()))
	}
	return false
}

func stores(prim string) bool {
	events, _ := memorder.Effect(prim)
	return slices.ContainsFunc(events, func(e memorder.Event) bool { return e.Kind == memorder.Write })
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
