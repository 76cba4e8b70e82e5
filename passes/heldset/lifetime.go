package heldset

import (
	"go/token"
	"go/types"

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

// pointsToObject says whether v is a pointer and not the variable that holds one: variables are not given away.
func pointsToObject(v ssa.Value) bool {
	if a, ok := v.(*ssa.Alloc); ok && !a.Heap {
		return false
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
	for _, x := range f.entry.Locks() {
		at := f.uses.dropped[x.Lock]
		if at == nil || x.Lock.Class == deferClass || !x.Lock.Class.Kind.Info().Blocks || f.uses.isLost(x.Lock) {
			continue
		}
		if y, held := f.exit.Find(x.Lock.Class.Name, x.Lock.Of); !held || y.Maybe {
			continue
		}
		if lock, ok := f.lockExpr(x.Lock); ok {
			c := &lockorder.Clause{Verb: lockorder.Drops, Lock: lock, Owner: "func " + f.label()}
			c.From = []lockorder.Provenance{{File: f.place(at), Symbol: f.ssa.Name()}}
			f.pkg.places[c] = position(at)
			out = append(out, c)
		}
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
