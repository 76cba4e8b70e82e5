package heldset

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// use steps through the uses of objects in an instruction, where some object is gone.
func (f *function) use(instr ssa.Instruction, h state) state {
	switch instr := instr.(type) {
	case *ssa.FieldAddr:
		return f.useOf(h, instr, instr.X)
	case *ssa.IndexAddr:
		return f.useOf(h, instr, instr.X)
	case *ssa.Store:
		return f.useOf(h, instr, instr.Addr)
	case *ssa.UnOp:
		if dereference(instr) {
			return f.useOf(h, instr, instr.X)
		}
	case *ssa.Call:
		return f.useIn(h, instr.Common(), instr)
	case *ssa.Go:
		return f.useIn(h, instr.Common(), instr)
	}
	return h
}

// useIn steps through the uses of the arguments of a call.
func (f *function) useIn(h state, call *ssa.CallCommon, at ssa.Instruction) state {
	if _, ok := call.Value.(*ssa.Builtin); ok || !h.Gone() {
		return h
	}
	if call.IsInvoke() {
		h = f.useOf(h, at, call.Value)
	}
	for _, arg := range call.Args {
		h = f.useOf(h, at, arg)
	}
	return h
}

// useOf steps through the use of what v points to, and of the objects that it is part of.
func (f *function) useOf(h state, at ssa.Instruction, v ssa.Value) state {
	for {
		if id := f.objs.of(v); id != 0 && pointsToObject(v) {
			h = f.steps(h, []event{{Op: lockorder.EvUse, Of: id, Site: lockorder.Site(position(at))}}, nil, at)
		}
		switch x := v.(type) {
		case *ssa.FieldAddr:
			v = x.X
		case *ssa.IndexAddr:
			v = x.X
		case *ssa.MakeInterface:
			v = x.X
		default:
			return h
		}
	}
}

// pointsToObject says whether v is a pointer, and not the address of a variable, field or element that holds one: what is
// given away is what stands there.
func pointsToObject(v ssa.Value) bool {
	switch v.(type) {
	case *ssa.Alloc, *ssa.FieldAddr, *ssa.IndexAddr, *ssa.Global, *ssa.FreeVar:
		switch deref(v.Type()).Underlying().(type) {
		case *types.Struct, *types.Array:
		default:
			return false
		}
	}
	switch v.Type().Underlying().(type) {
	case *types.Pointer, *types.Interface:
		return true
	}
	return false
}

// readerName returns the name by which the source knows a function that a contract names.
func (f *function) readerName(fn string) string {
	if f.profile.Func(fn) != nil {
		return mm.GoName(fn)
	}
	return fn
}

// drops says which locks of its callers the function gives back and takes again, on some path.
func (f *function) drops() []*lockorder.Clause {
	var out []*lockorder.Clause
	for _, d := range f.callersDrops() {
		if c, ok := f.dropOf(d); ok {
			out = append(out, c)
		}
	}
	return out
}

func (f *function) dropOf(d drop) (*lockorder.Clause, bool) {
	lock, ok := f.lockExpr(d.lock)
	if !ok {
		return nil, false
	}
	c := &lockorder.Clause{Verb: lockorder.Drops, Lock: lock, Owner: "func " + f.label()}
	c.From = []lockorder.Provenance{{File: f.place(d.at), Symbol: f.ssa.Name()}}
	f.pkg.places[c] = position(d.at)
	return c, true
}

// callersDrops returns the drops of locks that callers hold and get back.
func (f *function) callersDrops() []drop {
	var out []drop
	for _, d := range f.uses.dropped {
		if d.lock.Class == deferClass || !d.lock.Class.Kind.Info().Blocks || f.uses.isLost(d.lock) || len(f.uses.acquired[d.lock]) > 0 && !f.assumesRelease(d.lock) {
			continue
		}
		y, held := f.exit.Find(d.lock.Class.Name, d.lock.Of)
		if _, onEntry := f.entry.Find(d.lock.Class.Name, d.lock.Of); onEntry && (!held || y.Maybe) {
			continue // it is released
		}
		out = append(out, d)
	}
	return out
}

// unsaid returns the drops of locks that the function's contract requires, of which it does not speak.
func (f *function) unsaid() []drop {
	if f.contract == nil {
		return nil
	}
	return slices.DeleteFunc(f.callersDrops(), func(d drop) bool {
		x, ok := f.entry.Find(d.lock.Class.Name, d.lock.Of)
		return !ok || x.Clause == nil || x.Clause.Verb != lockorder.Requires || f.says(d.lock)
	})
}

// undeclaredDrops completes a contract that was written for another tool, which has no word for a lock that is given back and
// taken again.
func (f *function) undeclaredDrops() []*lockorder.Clause {
	var out []*lockorder.Clause
	for _, d := range f.unsaid() {
		if c, ok := f.dropOf(d); ok {
			out = append(out, c)
		}
	}
	return out
}

// reportDrops reports the locks that the function's contract requires, and that it drops, which the contract does not say
// though it could.
func (f *function) reportDrops() []Finding {
	if f.contract == nil || f.contract.Partial {
		return nil
	}
	var out []Finding
	for _, d := range f.unsaid() {
		found := Finding{Dropped: true}
		found.Pos, found.End = f.pkg.source.extent(position(d.at))
		found.Message = fmt.Sprintf("%s is dropped, and %s's contract does not say so: callers rely on what they found before the call",
			f.lockName(d.lock), f.ssa.Name())
		out = append(out, found)
	}
	return out
}

// frees says which of its arguments the function gives away.
func (f *function) frees() []*lockorder.Clause {
	var out []*lockorder.Clause
	for _, x := range f.exit.Locks() {
		if !x.Freed() || !x.Certain() {
			continue
		}
		if path, ok := f.pathOf(x.Lock.Of); ok && len(path.Fields) == 0 {
			c := &lockorder.Clause{Verb: lockorder.Frees, Right: path, Owner: "func " + f.label()}
			c.From = []lockorder.Provenance{{File: f.pkg.placeOf(token.Pos(x.Site)), Symbol: f.ssa.Name()}}
			f.pkg.places[c] = token.Pos(x.Site)
			out = append(out, c)
		}
	}
	return out
}

// says says whether the function's contract tells its callers that they may lose a lock.
func (f *function) says(l lockorder.Lock[Obj]) bool {
	b := f.ownBinding()
	return slices.ContainsFunc(f.contract.Clauses, func(c *lockorder.Clause) bool {
		switch c.Verb {
		case lockorder.Drops, lockorder.Releases, lockorder.Downgrades:
			have, ok := f.bound(b, c.Lock)
			return ok && have.Class == l.Class && have.Of == l.Of
		}
		return false
	})
}
