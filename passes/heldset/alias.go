package heldset

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// An alias says that a field, and what else is below it, is another field of the same object in every object of the type:
// s.cond.L is s.mu where each store to the field says so.
type alias struct {
	below []string // "L" for a sync.Cond
	to    []string // the path from the object
	read  bool     // the side for readers of what is there: s.cond = sync.NewCond(s.rw.RLocker())
}

// noteAliases finds the fields whose every store in the package is the address of, or a condition on, a field beside it.
func (p *pkg) noteAliases(functions []*ssa.Function) {
	spoilt := map[*types.Var]bool{}
	for _, fn := range functions {
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
				field, a, found := aliasOf(addr, store.Val)
				if field == nil {
					continue
				}
				have, again := p.aliases[field]
				if !found || again && (have.read != a.read || !slices.Equal(have.to, a.to) || !slices.Equal(have.below, a.below)) {
					spoilt[field] = true
				}
				p.aliases[field] = a
			}
		}
	}
	for field := range spoilt {
		delete(p.aliases, field)
	}
}

// aliasOf reads one store. field is nil for one that has nothing to do with locks.
func aliasOf(addr *ssa.FieldAddr, val ssa.Value) (field *types.Var, a alias, ok bool) {
	field = fieldVar(addr.X.Type(), addr.Field)
	base := addr.X
	if outer, nested := base.(*ssa.FieldAddr); nested && field.Name() == "L" && isCond(deref(base.Type())) {
		field, base, a.below = fieldVar(outer.X.Type(), outer.Field), outer.X, []string{"L"}
	} else if isCond(deref(field.Type())) {
		a.below = []string{"L"}
		call, isCall := val.(*ssa.Call)
		if !isCall || call.Common().StaticCallee() == nil || call.Common().StaticCallee().Name() != "NewCond" {
			return field, a, false
		}
		val = call.Call.Args[0]
	} else if !isLocker(field.Type()) {
		if self, ok := val.(*ssa.MakeInterface); ok && !field.Exported() && hasLocks(self.X.Type()) {
			return field, a, sameBase(self.X, base) // r.notifier = r
		}
		return nil, a, false
	}
	if call, isCall := val.(*ssa.Call); isCall && isMethod(call.Common(), "sync", "RWMutex", "RLocker") {
		a.read, val = true, call.Call.Args[0]
	}
	a.to, ok = pathFrom(base, val)
	return field, a, ok
}

// pathFrom returns the fields that lead from base to the field whose address val is.
func pathFrom(base, val ssa.Value) ([]string, bool) {
	var to []string
	for range maxIndirection {
		switch v := val.(type) {
		case *ssa.MakeInterface:
			val = v.X
		case *ssa.ChangeInterface:
			val = v.X
		case *ssa.UnOp:
			val = v.X // of a field that holds a pointer to the lock
		case *ssa.FieldAddr:
			to = append(to, fieldVar(v.X.Type(), v.Field).Name())
			if sameBase(v.X, base) {
				slices.Reverse(to)
				return to, true
			}
			val = v.X
		default:
			return nil, false
		}
	}
	return nil, false
}

// sameBase says whether two values are one object: a variable that a closure captures is loaded each time.
func sameBase(a, b ssa.Value) bool {
	if a == b {
		return true
	}
	x, ok1 := a.(*ssa.UnOp)
	y, ok2 := b.(*ssa.UnOp)
	return ok1 && ok2 && x.X == y.X
}

func isCond(t types.Type) bool {
	pkg, name := typeName(t)
	return pkg == "sync" && name == "Cond"
}

func isLocker(t types.Type) bool {
	pkg, name := typeName(t)
	if p, ok := t.Underlying().(*types.Pointer); ok {
		pkg, name = typeName(p.Elem())
		return pkg == "sync" && strings.HasSuffix(name, "Mutex")
	}
	return pkg == "sync" && name == "Locker"
}

// aliased returns what base.name is by an alias.
func (o *objects) aliased(base Obj, name string) (Obj, bool) {
	if len(o.fn.pkg.aliases) == 0 {
		return 0, false
	}
	if _, v := fieldType(o.types[base], name); v != nil {
		if a, ok := o.fn.pkg.aliases[v]; ok && len(a.below) == 0 {
			return o.aliasPath(base, a), true
		}
	}
	n := o.nodes[base]
	if n.kind != fieldNode {
		return 0, false
	}
	if _, v := fieldType(o.types[n.base], n.name); v != nil {
		if a, ok := o.fn.pkg.aliases[v]; ok && slices.Equal(a.below, []string{name}) {
			return o.aliasPath(n.base, a), true
		}
	}
	return 0, false
}

// aliasPath returns what an alias of a field of base leads to.
func (o *objects) aliasPath(base Obj, a alias) Obj {
	id := o.path(base, a.to, nil)
	if id == 0 || !a.read {
		return id
	}
	return o.intern(node{kind: readSideNode, base: id}, o.types[id])
}
