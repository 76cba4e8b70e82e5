package heldset

import (
	"go/types"
	"path"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/passes/contract"
)

// accesses returns what every instruction of the function does to guarded data, found once.
func (f *function) accesses() map[ssa.Instruction][]access {
	if f.accessed != nil {
		return f.accessed
	}
	f.accessed = map[ssa.Instruction][]access{}
	if !f.pkg.contracts.HasGuards() {
		return f.accessed
	}
	for _, b := range f.ssa.Blocks {
		for _, instr := range b.Instrs {
			switch instr := instr.(type) {
			case *ssa.FieldAddr:
				f.accessField(instr, fieldVar(instr.X.Type(), instr.Field), instr.X)
			case *ssa.UnOp:
				f.accessWhole(instr, instr.X, false)
			case *ssa.Store:
				f.accessWhole(instr, instr.Addr, true)
			}
			for _, op := range instr.Operands(nil) {
				if g, ok := (*op).(*ssa.Global); ok {
					f.accessGlobal(instr, g)
				}
			}
		}
	}
	f.dropReads()
	return f.accessed
}

// dropReads drops the reads of what is written on the same line, as in s.n++ and s.m[k] = v: the write needs more. Of two reads
// on a line, of a map and of its elements, the first one tells all.
func (f *function) dropReads() {
	type place struct {
		field *types.Var
		line  int
	}
	written, loaded := map[place]bool{}, map[place]bool{}
	at := func(a access) place { return place{a.field, f.pkg.pass.Fset.Position(a.at.Pos()).Line} }
	for _, all := range f.accessed {
		for _, a := range all {
			if a.write {
				written[at(a)] = true
			} else if a.what == "" {
				loaded[at(a)] = true
			}
		}
	}
	for instr, all := range f.accessed {
		f.accessed[instr] = slices.DeleteFunc(all, func(a access) bool {
			return !a.write && (written[at(a)] || a.what != "" && loaded[at(a)])
		})
	}
}

func (f *function) accessField(addr *ssa.FieldAddr, field *types.Var, base ssa.Value) {
	if g := f.pkg.contracts.Guard(field); g != nil {
		w := accessWalk{f: f, access: access{base: base, field: field, guard: g}, seen: map[ssa.Value]bool{}}
		w.address(addr, *addr.Referrers())
	}
}

func (f *function) accessGlobal(instr ssa.Instruction, g *ssa.Global) {
	v, ok := g.Object().(*types.Var)
	if !ok {
		return
	}
	if guard := f.pkg.contracts.Guard(v); guard != nil {
		w := accessWalk{f: f, access: access{field: v, guard: guard}, seen: map[ssa.Value]bool{}}
		w.address(g, []ssa.Instruction{instr})
	}
}

// accessWhole treats the copy of a whole struct, or a store to it, as an access to its guarded fields: one for each guard.
func (f *function) accessWhole(instr ssa.Instruction, addr ssa.Value, write bool) {
	if u, ok := instr.(*ssa.UnOp); ok && !dereference(u) {
		return
	}
	s, ok := deref(addr.Type()).Underlying().(*types.Struct)
	if !ok {
		return
	}
	if _, local := addr.(*ssa.Alloc); local {
		return // a copy of one's own
	}
	seen := map[*contract.Guard]bool{}
	for field := range s.Fields() {
		if g := f.pkg.contracts.Guard(field); g != nil && !seen[g] {
			seen[g] = true
			a := access{at: instr, base: addr, field: field, guard: g, write: write, what: "a whole struct with "}
			f.accessed[instr] = append(f.accessed[instr], a)
		}
	}
}

func dereference(u *ssa.UnOp) bool {
	_, ok := u.X.Type().Underlying().(*types.Pointer)
	return ok && u.Op.String() == "*"
}

// accessWalk follows the address of guarded data, and what is loaded from it, to the instructions that use it.
type accessWalk struct {
	f      *function
	access access
	seen   map[ssa.Value]bool
}

func (w *accessWalk) add(at ssa.Instruction, write bool, what string) {
	a := w.access
	a.at, a.write, a.what = at, write, what
	if !at.Pos().IsValid() {
		return
	}
	for _, have := range w.f.accessed[at] {
		if have.field == a.field && have.base == a.base && (have.write || !write) {
			return
		}
	}
	w.f.accessed[at] = append(w.f.accessed[at], a)
}

// address follows an address of guarded data.
func (w *accessWalk) address(addr ssa.Value, uses []ssa.Instruction) {
	for _, use := range uses {
		switch use := use.(type) {
		case *ssa.UnOp:
			w.load(use)
		case *ssa.Store:
			if to, local := use.Addr.(*ssa.Alloc); local && use.Val == addr {
				w.result(to)
				continue
			}
			w.add(use, true, address(use.Addr != addr))
		case *ssa.FieldAddr:
			w.address(use, *use.Referrers())
		case *ssa.IndexAddr:
			w.address(use, *use.Referrers())
		case *ssa.Slice:
			w.add(use, false, "")
			w.content(use, use)
		case *ssa.Return:
			w.add(use, true, "the address of ")
		case ssa.CallInstruction:
			w.passed(addr, use)
		}
	}
}

// result follows an address that is stored in a variable: it may be the result, which outlives the lock.
func (w *accessWalk) result(v *ssa.Alloc) {
	for _, use := range *v.Referrers() {
		load, ok := use.(*ssa.UnOp)
		if !ok {
			continue
		}
		for _, r := range *load.Referrers() {
			if ret, ok := r.(*ssa.Return); ok {
				w.add(ret, true, "the address of ")
			}
		}
	}
}

func address(taken bool) string {
	if taken {
		return "the address of "
	}
	return ""
}

// passed treats an address that is given to a call. Atomic operations synchronise by themselves. Any other may read; only
// that what it does under the lock is right is known.
func (w *accessWalk) passed(addr ssa.Value, call ssa.CallInstruction) {
	if pkg, _ := typeName(deref(addr.Type())); isAtomic(pkg) || pkg == "sync" {
		return
	}
	if fn := call.Common().StaticCallee(); fn != nil {
		if obj, ok := fn.Object().(*types.Func); ok && obj.Pkg() != nil && isAtomic(obj.Pkg().Path()) {
			return
		}
	}
	if _, deferred := call.(*ssa.Defer); deferred {
		return
	}
	w.add(call, false, "the address of ")
}

// isAtomic says whether a package is one of atomic types and operations: sync/atomic, or one that wraps it, as
// go.uber.org/atomic and gVisor's pkg/atomicbitops do.
func isAtomic(pkg string) bool { return strings.HasPrefix(path.Base(pkg), "atomic") }

// load is a read; what is loaded may lead to more that the guard protects: the elements of a map or slice.
func (w *accessWalk) load(v *ssa.UnOp) {
	w.add(v, false, "")
	if w.f.ignoredLine(v) {
		return // what is loaded without the lock on request is also used without it
	}
	switch v.Type().Underlying().(type) {
	case *types.Map, *types.Slice:
		w.content(v, v)
	}
}

// content follows a map or slice that was loaded from guarded data. Elements of a slice that are read are those of the
// moment when it was loaded: code that replaces slices as a whole may read them without the lock.
func (w *accessWalk) content(v ssa.Value, loaded ssa.Instruction) {
	if w.seen[v] || v.Referrers() == nil {
		return
	}
	w.seen[v] = true
	if w.replaced(v) {
		return
	}
	for _, use := range *v.Referrers() {
		switch use := use.(type) {
		case *ssa.MapUpdate:
			if use.Map == v {
				w.add(use, true, "an element of ")
			}
		case *ssa.Lookup:
			w.add(use, false, "an element of ")
		case *ssa.Range:
			w.add(use, false, "the elements of ")
		case *ssa.IndexAddr:
			w.element(use, "an element of ")
		case *ssa.Slice:
			w.content(use, loaded)
		case *ssa.ChangeType:
			w.content(use, loaded)
		case *ssa.Phi:
			w.content(use, loaded)
		case ssa.CallInstruction:
			w.builtin(v, use)
		}
	}
}

// replaced says whether the function gives the field another value after it loaded v: what it loaded is then its own.
func (w *accessWalk) replaced(v ssa.Value) bool {
	load, ok := v.(*ssa.UnOp)
	if !ok {
		return false
	}
	addr, ok := load.X.(*ssa.FieldAddr)
	if !ok {
		return false
	}
	for _, b := range w.f.ssa.Blocks {
		for _, instr := range b.Instrs {
			store, ok := instr.(*ssa.Store)
			if !ok {
				continue
			}
			to, ok := store.Addr.(*ssa.FieldAddr)
			if ok && memoryKey(to) == memoryKey(addr) && !derived(store.Val, v) && load.Block().Dominates(b) {
				return true
			}
		}
	}
	return false
}

// derived says whether a stored value is v itself or made of it: append(v, x) or v[1:].
func derived(stored, v ssa.Value) bool {
	for range maxIndirection {
		switch x := stored.(type) {
		case *ssa.Slice:
			stored = x.X
			continue
		case *ssa.Call:
			if b, ok := x.Call.Value.(*ssa.Builtin); ok && b.Name() == "append" {
				stored = x.Call.Args[0]
				continue
			}
		}
		break
	}
	if a, ok := stored.(*ssa.UnOp); ok {
		if b, ok := v.(*ssa.UnOp); ok {
			x, ok1 := a.X.(*ssa.FieldAddr)
			y, ok2 := b.X.(*ssa.FieldAddr)
			return ok1 && ok2 && memoryKey(x) == memoryKey(y)
		}
	}
	return stored == v
}

// element follows the address of an element of a slice: only what is written counts.
func (w *accessWalk) element(addr ssa.Value, what string) {
	for _, use := range *addr.Referrers() {
		switch use := use.(type) {
		case *ssa.Store:
			if use.Addr == addr {
				w.add(use, true, what)
			}
		case *ssa.FieldAddr:
			w.element(use, what)
		case *ssa.IndexAddr:
			w.element(use, what)
		}
	}
}

// writers are the functions of the standard library that write the elements of their first argument.
var writers = map[string]bool{
	"sort.Slice": true, "sort.SliceStable": true, "sort.Strings": true, "sort.Ints": true, "sort.Float64s": true,
	"slices.Sort": true, "slices.SortFunc": true, "slices.SortStableFunc": true, "slices.Reverse": true,
	"slices.DeleteFunc": true, "slices.Delete": true, "slices.Compact": true, "slices.CompactFunc": true,
	"maps.Copy": true, "maps.DeleteFunc": true,
}

// builtin treats delete, clear, copy and the functions that write elements. append writes behind the elements; what it
// returns is a new value.
func (w *accessWalk) builtin(v ssa.Value, at ssa.CallInstruction) {
	call := at.Common()
	if len(call.Args) == 0 {
		return
	}
	first := call.Args[0] == v
	if b, ok := call.Value.(*ssa.Builtin); ok {
		switch name := b.Name(); {
		case first && (name == "delete" || name == "clear" || name == "copy"):
			w.add(at, true, "elements of ")
		}
		return
	}
	if fn := call.StaticCallee(); fn != nil && first {
		if fn.Origin() != nil {
			fn = fn.Origin()
		}
		if obj, ok := fn.Object().(*types.Func); ok && obj.Pkg() != nil && writers[obj.Pkg().Path()+"."+obj.Name()] {
			w.add(at, true, "elements of ")
		}
	}
}
