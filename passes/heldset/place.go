package heldset

import (
	"cmp"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// A place is a field of an object, an element of a map in one, a package variable, or a cell of the kernel: what a check reads
// and an action writes. Equal places are one piece of memory as long as nothing on the way to it changes.
type place struct {
	base  Obj        // the object with the field; 0 for a package variable; of a cell the cell itself
	field *types.Var // the field or variable; nil for a cell
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
	case *ssa.Call:
		if cell := f.storedCell(instr.Common()); cell != nil {
			return place{base: f.objs.of(cell)}, true
		}
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
	case *ssa.Call:
		if cell := f.loadedCell(instr.Common()); cell != nil {
			return place{base: f.objs.of(cell)}, true
		}
	}
	return place{}, false
}

// placeName is the place as the source writes it.
func (f *function) placeName(p place) string {
	if p.field == nil {
		return cmp.Or(f.name(p.base), "the entry")
	}
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

// guards says whether a lock guards the place: by the contract, for a cell; else because it stands beside it, in the object that
// has the field, or in one that it is part of. For a package variable it is another one.
func (f *function) guards(lock lockorder.Lock[Obj], p place) bool {
	switch {
	case p.field == nil:
		return f.guardsCell(lock, p.base)
	case p.base == 0:
		g, ok := f.objs.root(lock.Of).(*ssa.Global)
		return ok && g.Pkg.Pkg == p.field.Pkg()
	}
	owner := f.objs.nodes[lock.Of]
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

// guardsCell says whether a lock is one that the contract asks for to write a cell.
func (f *function) guardsCell(lock lockorder.Lock[Obj], cell Obj) bool {
	guard, self := f.guardOf(cell)
	if guard == nil {
		return false
	}
	return slices.ContainsFunc(guard.Rows(lockorder.WriteAccess), func(row *lockorder.Access) bool {
		if row.Clause == nil {
			return false
		}
		need, ok := lockorder.BindNeed(f.profile, row.Clause.Need, objectBinding{f: f, self: self})
		return ok && asksFor(need, lock)
	})
}

func asksFor(n lockorder.BoundNeed[Obj], lock lockorder.Lock[Obj]) bool {
	return n.Op == lockorder.NeedLock && n.Lock.Class == lock.Class && n.Lock.Of == lock.Of ||
		slices.ContainsFunc(n.Kids, func(k lockorder.BoundNeed[Obj]) bool { return asksFor(k, lock) })
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

// sources returns the reads that a condition depends on. A test of an entry of the kernel depends on the entry; what other
// functions return does not count.
func (f *function) sources(cond ssa.Value) []ssa.Instruction {
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
			switch b, ok := x.Call.Value.(*ssa.Builtin); {
			case ok && b.Name() == "len":
				visit(x.Call.Args[0], depth+1)
			case f.loadedCell(x.Common()) != nil:
				out = append(out, x)
			case isEntryTest(x):
				visit(x.Call.Args[0], depth+1)
			}
		}
	}
	visit(cond, 0)
	return out
}

// isEntryTest says whether a call tests an entry of the kernel, as pmd_none does.
func isEntryTest(call *ssa.Call) bool {
	fn := call.Call.StaticCallee()
	if fn == nil || len(call.Call.Args) == 0 || !isBool(call) {
		return false
	}
	pkg, _ := typeName(call.Call.Args[0].Type())
	return pkg == contract.ShimPath
}
