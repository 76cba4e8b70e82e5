package heldset

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// A place is a field of an object, or an element of a map in one, or a package variable: what a check reads and an action
// writes. Equal places are one piece of memory as long as nothing on the way to it changes.
type place struct {
	base  Obj        // the object with the field; 0 for a package variable
	field *types.Var // the field or variable
	key   Obj        // the key, of an element of the map there; else 0
}

// placeAt returns the place that an address or loaded map leads to.
func (f *function) placeAt(v ssa.Value) (place, bool) {
	switch v := v.(type) {
	case *ssa.FieldAddr:
		return place{base: f.objs.of(v.X), field: fieldVar(v.X.Type(), v.Field)}, true
	case *ssa.Global:
		obj, ok := v.Object().(*types.Var)
		return place{field: obj}, ok
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return f.placeAt(v.X)
		}
	case *ssa.ChangeType:
		return f.placeAt(v.X)
	}
	return place{}, false
}

// writtenPlace returns the place that an instruction writes.
func (f *function) writtenPlace(instr ssa.Instruction) (place, bool) {
	switch instr := instr.(type) {
	case *ssa.Store:
		return f.placeAt(instr.Addr)
	case *ssa.MapUpdate:
		p, ok := f.placeAt(instr.Map)
		p.key = f.objs.of(instr.Key)
		return p, ok
	}
	return place{}, false
}

// readPlace returns the place whose value an instruction reads: of a map the element, or the map as a whole.
func (f *function) readPlace(instr ssa.Instruction) (place, bool) {
	switch instr := instr.(type) {
	case *ssa.UnOp:
		if instr.Op == token.MUL {
			return f.placeAt(instr.X)
		}
	case *ssa.Lookup:
		p, ok := f.placeAt(instr.X)
		p.key = f.objs.of(instr.Index)
		return p, ok
	case *ssa.Range:
		return f.placeAt(instr.X)
	}
	return place{}, false
}

// placeName is the place as the source writes it.
func (f *function) placeName(p place) string {
	name := p.field.Name()
	if base := f.name(p.base); base != "" {
		name = base + "." + name
	}
	if p.key == 0 {
		return name
	}
	key := f.name(p.key)
	if key == "" {
		key = "…"
	}
	return name + "[" + key + "]"
}

// guards says whether a lock stands beside the place: in the object that has the field, or in one that it is part of. For a
// package variable it is another one.
func (f *function) guards(lock Obj, p place) bool {
	if p.base == 0 {
		g, ok := f.objs.root(lock).(*ssa.Global)
		return ok && g.Pkg.Pkg == p.field.Pkg()
	}
	owner := f.objs.nodes[lock]
	if owner.kind != fieldNode {
		return false
	}
	for id := p.base; id != 0; id = f.objs.nodes[id].base {
		if id == owner.base {
			return true
		}
		if _, elsewhere := f.objs.types[id].(*types.Pointer); elsewhere || f.objs.nodes[id].kind != fieldNode {
			return false
		}
	}
	return false
}

// feeds says whether v goes into the condition of a branch, into a call or elsewhere, and not only into the values that
// stores of instruction at write.
func feeds(v ssa.Value, at ssa.Instruction, depth int) bool {
	if v.Referrers() == nil || depth > maxIndirection {
		return true
	}
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case *ssa.DebugRef:
		case *ssa.BinOp:
			if isBool(r) || feeds(r, at, depth+1) {
				return true
			}
		case *ssa.Call:
			b, ok := r.Call.Value.(*ssa.Builtin)
			if !ok || b.Name() != "append" || feeds(r, at, depth+1) {
				return true
			}
		case *ssa.MapUpdate:
			if r != at {
				return true
			}
		default:
			if r != at {
				return true
			}
		}
	}
	return false
}

// sources returns the instructions that a condition depends on, without those before a call of another function.
func sources(cond ssa.Value) []ssa.Instruction {
	var out []ssa.Instruction
	seen := map[ssa.Value]bool{}
	var visit func(v ssa.Value, depth int)
	visit = func(v ssa.Value, depth int) {
		if seen[v] || depth > maxIndirection {
			return
		}
		seen[v] = true
		switch x := v.(type) {
		case *ssa.UnOp:
			if x.Op == token.MUL {
				out = append(out, x)
				return
			}
			visit(x.X, depth+1)
		case *ssa.BinOp:
			visit(x.X, depth+1)
			visit(x.Y, depth+1)
		case *ssa.Extract:
			visit(x.Tuple, depth+1)
		case *ssa.Lookup:
			out = append(out, x)
		case *ssa.Convert:
			visit(x.X, depth+1)
		case *ssa.ChangeType:
			visit(x.X, depth+1)
		case *ssa.TypeAssert:
			visit(x.X, depth+1)
		case *ssa.Phi:
			if !isBool(x) {
				return // a variable that the function may have given another value
			}
			for _, e := range x.Edges {
				visit(e, depth+1)
			}
		case *ssa.Call:
			if b, ok := x.Call.Value.(*ssa.Builtin); ok && b.Name() == "len" {
				visit(x.Call.Args[0], depth+1)
			}
		}
	}
	visit(cond, 0)
	return out
}
