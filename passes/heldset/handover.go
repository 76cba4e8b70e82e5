package heldset

import (
	"slices"

	"golang.org/x/tools/go/ssa"
)

// handOver returns h on an edge on which a variable of a loop gets the value v: the locks of what v denotes go by the
// variable's name from there on, as in a walk of a list hand over hand. The others that were reached through its old value
// are lost.
func (f *function) handOver(h state, phi *ssa.Phi, v ssa.Value) state {
	from, to := f.objs.of(v), f.objs.of(phi)
	if from == 0 || from == to || len(h.Locks()) == 0 || !f.goesBy(phi, v) || f.pendingDefers(h) {
		return f.renew(h, phi)
	}
	moved := map[Obj]Obj{}
	for _, x := range h.Locks() {
		if _, onEntry := f.entry.Find(x.Lock.Class.Name, x.Lock.Of); onEntry || x.Note() || x.Lock.Class.Kind.Info().Global {
			continue
		}
		if id, ok := f.objs.rebased(x.Lock.Of, from, to); ok {
			moved[x.Lock.Of] = id
		}
	}
	if len(moved) == 0 {
		return f.renew(h, phi)
	}
	h = h.Lose(func(id Obj) bool { return moved[id] == 0 && f.objs.reachedThrough(id, phi) })
	return h.Rename(moved)
}

func (f *function) pendingDefers(h state) bool {
	for range deferredCalls(h) {
		return true
	}
	return false
}

// goesBy says whether a value that a variable of a loop gets is not used by itself any more.
func (f *function) goesBy(phi *ssa.Phi, v ssa.Value) bool {
	if _, ok := v.(*ssa.Const); ok {
		return false
	}
	instr, defined := v.(ssa.Instruction)
	if defined && instr.Parent() == f.ssa && phi.Block().Dominates(instr.Block()) {
		return true // it is another value before it is used again
	}
	refs := v.Referrers()
	return refs != nil && !slices.ContainsFunc(*refs, func(r ssa.Instruction) bool {
		_, debug := r.(*ssa.DebugRef)
		return r != phi && !debug && phi.Block().Dominates(r.Block())
	})
}

// rebased returns the path of fields id with its beginning from replaced by to.
func (o *objects) rebased(id, from, to Obj) (Obj, bool) {
	var fields []string
	for id != from {
		n := o.nodes[id]
		if n.kind != fieldNode || n.version != 0 {
			return 0, false
		}
		fields = append(fields, n.name)
		id = n.base
	}
	slices.Reverse(fields)
	for _, name := range fields {
		to = o.field(to, name, nil)
	}
	return to, true
}
