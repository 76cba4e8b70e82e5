package heldset

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// noteVariables finds what every closure captures, what is stored in each variable and field that holds a function, and
// where it is loaded.
func (p *pkg) noteVariables(functions []*ssa.Function) {
	for _, fn := range functions {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				if c, ok := instr.(*ssa.MakeClosure); ok {
					for i, v := range c.Fn.(*ssa.Function).FreeVars {
						p.bound[v] = c.Bindings[i]
					}
				}
			}
		}
	}
	for _, fn := range functions {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				switch instr := instr.(type) {
				case *ssa.Store:
					p.noteStore(instr)
				case *ssa.UnOp:
					if isFunc(instr.Type()) {
						key := p.cell(instr.X)
						p.loads[key] = append(p.loads[key], instr)
					}
				}
			}
		}
	}
}

func (p *pkg) noteStore(s *ssa.Store) {
	if !isFunc(s.Val.Type()) {
		return
	}
	if c, ok := s.Val.(*ssa.Const); ok && c.IsNil() {
		return // calling nil panics
	}
	key := p.cell(s.Addr)
	if have, again := p.stored[key]; again && have != s.Val {
		p.stored[key] = nil
		return
	}
	p.stored[key] = s.Val
	if c, ok := s.Val.(*ssa.MakeClosure); ok && ownsBindings(s, c) {
		p.owned[c] = true
	}
}

func isFunc(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// origin returns the variable that a captured variable is.
func (p *pkg) origin(v ssa.Value) ssa.Value {
	for range maxIndirection {
		b, ok := p.bound[v]
		if !ok {
			return v
		}
		v = b
	}
	return v
}

// cell is the key of what is stored at addr: a variable, or a field of every object of a type.
func (p *pkg) cell(addr ssa.Value) any {
	if f, ok := addr.(*ssa.FieldAddr); ok {
		return fieldVar(f.X.Type(), f.Field)
	}
	return p.origin(addr)
}

// onlyStored returns the one function that is ever stored in a variable or in an unexported field, or nil.
func (p *pkg) onlyStored(addr ssa.Value) ssa.Value {
	switch a := addr.(type) {
	case *ssa.FieldAddr:
		v := fieldVar(a.X.Type(), a.Field)
		if v.Exported() || v.Pkg() != p.pass.Pkg {
			return nil
		}
	case *ssa.Global:
		if a.Pkg != p.ssa || types.NewVar(0, nil, a.Name(), nil).Exported() {
			return nil
		}
	case *ssa.Alloc, *ssa.FreeVar:
	default:
		return nil
	}
	switch v := p.stored[p.cell(addr)].(type) {
	case *ssa.Function:
		return v
	case *ssa.MakeClosure:
		if _, field := addr.(*ssa.FieldAddr); field && len(v.Bindings) > 0 && !p.owned[v] {
			return nil // what it captures belongs to one of many objects
		}
		return v
	}
	return nil
}
