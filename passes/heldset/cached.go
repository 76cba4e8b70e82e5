package heldset

import (
	"golang.org/x/tools/go/ssa"
)

// cached says whether a write only remembers, in a map, what another part of the same object says under the lock, behind the
// gap: whoever else put it there meanwhile has put the same. A pointer to the object itself, or what was made by a function
// that knows nothing of the object, may be new each time.
func (f *function) cached(write ssa.Instruction, gap *gap, p place) bool {
	u, ok := write.(*ssa.MapUpdate)
	if !ok {
		return false
	}
	v := u.Value
	if e, ok := v.(*ssa.Extract); ok {
		v = e.Tuple
	}
	call, ok := v.(*ssa.Call)
	if !ok {
		return false
	}
	recv := call.Call.Value
	if !call.Call.IsInvoke() {
		if fn := call.Call.StaticCallee(); fn == nil || fn.Signature.Recv() == nil {
			return false
		}
		recv = call.Call.Args[0]
	}
	load, ok := recv.(*ssa.UnOp)
	if !ok {
		return false
	}
	part, ok := load.X.(*ssa.FieldAddr)
	return ok && f.objs.of(part.X) == p.base && f.behind(gap.at, load)
}

// behind says whether every way to b passes a.
func (f *function) behind(a, b ssa.Instruction) bool {
	if a.Block() == b.Block() {
		return f.objs.mem.pos[a] < f.objs.mem.pos[b]
	}
	return a.Block().Dominates(b.Block())
}
