package uncontrolled

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// A write is a place where a task writes what is not its own.
type write struct {
	key  any // the variable or field
	pos  token.Pos
	what string
}

// share notes what a task reads and writes that is not its own.
func (c *checker) share(fn *ssa.Function) {
	if len(c.callers) == 0 {
		c.findCallers()
	}
	if c.isInit(fn) {
		return
	}
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			switch i := instr.(type) {
			case *ssa.Store:
				if key, what := c.place(i.Addr, nil); key != nil {
					c.written = append(c.written, write{key, i.Pos(), what})
				}
			case *ssa.MapUpdate:
				if key, what := c.contents(i.Map, nil); key != nil {
					c.written = append(c.written, write{key, i.Pos(), what})
				}
			case *ssa.UnOp:
				if i.Op != token.MUL {
					continue
				}
				if key, _ := c.place(i.X, nil); key != nil && !c.onlyUpdates(i, key, map[ssa.Value]bool{}) {
					c.read[key] = true
				}
			}
		}
	}
}

// findCallers collects the calls of functions of this package.
func (c *checker) findCallers() {
	for fn := range c.roles {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				if call, ok := instr.(ssa.CallInstruction); ok && call.Common().StaticCallee() != nil {
					callee := call.Common().StaticCallee()
					c.callers[callee] = append(c.callers[callee], call.Common())
				}
			}
		}
	}
}

// isInit reports whether a function sets initial values, for New or Alloc: what it writes is not shared yet.
func (c *checker) isInit(fn *ssa.Function) bool {
	if fn.Parent() == nil || fn.Signature.Params().Len() != 1 || fn.Signature.Results().Len() != 0 {
		return false
	}
	return isObject(fn.Signature.Params().At(0).Type())
}

// place returns what an address leads to, if that is not the task's own: a variable or a field, with its name.
func (c *checker) place(addr ssa.Value, seen []ssa.Value) (key any, what string) {
	switch a := addr.(type) {
	case *ssa.Global:
		return a, a.Name()
	case *ssa.FreeVar:
		if origin := c.origin(a); origin != nil {
			return origin, origin.Comment
		}
	case *ssa.IndexAddr:
		if _, array := a.X.Type().Underlying().(*types.Pointer); array {
			return c.place(a.X, seen)
		}
		return c.contents(a.X, seen)
	case *ssa.FieldAddr:
		if key, what := c.place(a.X, seen); key != nil { // a captured struct
			return key, what
		}
		s := structOf(a.X.Type())
		if s == nil {
			return nil, ""
		}
		field := s.Field(a.Field)
		if inShim(field.Pkg()) && !field.Exported() {
			return nil, ""
		}
		if isObject(a.X.Type()) && !fresh(a.X) || c.foreign(a.X, seen) {
			return field, typeName(a.X.Type()) + "." + field.Name()
		}
	}
	return nil, ""
}

// contents returns what a slice or map is the contents of.
func (c *checker) contents(v ssa.Value, seen []ssa.Value) (key any, what string) {
	switch v := v.(type) {
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return c.place(v.X, seen)
		}
	case *ssa.Slice:
		return c.contents(v.X, seen)
	}
	return nil, ""
}

// foreign reports whether a pointer is one to something that the task did not make: it comes out of a captured variable, a global
// one, or a field of such a thing; of a parameter, at some call.
func (c *checker) foreign(v ssa.Value, seen []ssa.Value) bool {
	for _, s := range seen {
		if s == v {
			return false
		}
	}
	seen = append(seen, v)
	switch v := v.(type) {
	case *ssa.UnOp:
		if v.Op == token.MUL {
			key, _ := c.place(v.X, seen)
			return key != nil
		}
	case *ssa.Phi:
		for _, e := range v.Edges {
			if c.foreign(e, seen) {
				return true
			}
		}
	case *ssa.Parameter:
		fn := v.Parent()
		for i, p := range fn.Params {
			if p != v {
				continue
			}
			for _, call := range c.callers[fn] {
				if i < len(call.Args) && c.foreign(call.Args[i], seen) {
					return true
				}
			}
		}
	}
	return false
}

// origin returns the variable that a closure captures, if it is declared outside of tasks.
func (c *checker) origin(v *ssa.FreeVar) *ssa.Alloc {
	for {
		fn := v.Parent()
		bound := binding(fn, v)
		switch b := bound.(type) {
		case *ssa.Alloc:
			if c.roles[fn.Parent()] == task {
				return nil
			}
			return b
		case *ssa.FreeVar:
			v = b
		default:
			return nil
		}
	}
}

// binding returns what a free variable is bound to where the closure is made.
func binding(fn *ssa.Function, v *ssa.FreeVar) ssa.Value {
	for i, f := range fn.FreeVars {
		if f != v || fn.Parent() == nil {
			continue
		}
		for _, b := range fn.Parent().Blocks {
			for _, instr := range b.Instrs {
				if m, ok := instr.(*ssa.MakeClosure); ok && m.Fn == fn {
					return m.Bindings[i]
				}
			}
		}
	}
	return nil
}

// onlyUpdates reports whether a value that was read goes nowhere but back to where it came from: a counter, or a list of outcomes,
// that the test looks at and no task does.
func (c *checker) onlyUpdates(v ssa.Value, key any, seen map[ssa.Value]bool) bool {
	if seen[v] {
		return true
	}
	seen[v] = true
	for _, use := range *v.Referrers() {
		switch u := use.(type) {
		case *ssa.DebugRef:
		case *ssa.Store:
			if k, _ := c.place(u.Addr, nil); k != key || len(seen) == 1 { // a mere copy is for somebody else
				return false
			}
		case *ssa.MapUpdate:
			if k, _ := c.contents(u.Map, nil); k != key {
				return false
			}
		case *ssa.BinOp, *ssa.Convert, *ssa.ChangeType, *ssa.Phi, *ssa.Slice, *ssa.Lookup, *ssa.Extract:
			if b, ok := u.(*ssa.BinOp); ok && compares(b.Op) || !c.onlyUpdates(u.(ssa.Value), key, seen) {
				return false
			}
		case *ssa.IndexAddr:
			for _, r := range *u.Referrers() {
				if s, ok := r.(*ssa.Store); !ok || s.Addr != u {
					return false
				}
			}
		case *ssa.Call:
			if b, ok := u.Call.Value.(*ssa.Builtin); !ok || b.Name() != "append" || !c.onlyUpdates(u, key, seen) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func compares(op token.Token) bool {
	switch op {
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		return true
	}
	return false
}

// shared reports what a task writes and a task reads.
func (c *checker) shared() {
	for _, w := range c.written {
		if c.read[w.key] {
			c.report(w.pos, "%s is written by a task and read by a task, and is not in a cell: no schedule orders the two, and a replay "+
				"finds what the last one left; make it a Word, or the task's own", w.what)
		}
	}
}

// fresh reports whether a pointer is to an object that the function has just made.
func fresh(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Alloc:
		return true
	case *ssa.Call:
		callee := v.Call.StaticCallee()
		return callee != nil && inShim(packageOf(callee)) && (callee.Name() == "Alloc" || callee.Origin() != nil && callee.Origin().Name() == "Alloc")
	case *ssa.UnOp: // a variable that holds one
		local, ok := v.X.(*ssa.Alloc)
		if !ok || v.Op != token.MUL {
			return false
		}
		for _, use := range *local.Referrers() {
			if s, ok := use.(*ssa.Store); ok && s.Addr == local && !fresh(s.Val) {
				return false
			}
		}
		return true
	}
	return false
}

// isObject reports whether a type is a pointer to a struct with kernelshim.Object in it.
func isObject(t types.Type) bool {
	s := structOf(t)
	for i := 0; s != nil && i < s.NumFields(); i++ {
		f := s.Field(i)
		if n, ok := f.Type().(*types.Named); ok && f.Embedded() && n.Obj().Name() == "Object" && inShim(n.Obj().Pkg()) {
			return true
		}
	}
	return false
}

func structOf(t types.Type) *types.Struct {
	p, ok := t.Underlying().(*types.Pointer)
	if !ok {
		return nil
	}
	s, _ := p.Elem().Underlying().(*types.Struct)
	return s
}

func typeName(t types.Type) string {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		if n, ok := p.Elem().(*types.Named); ok {
			return n.Obj().Name()
		}
	}
	return "struct"
}
