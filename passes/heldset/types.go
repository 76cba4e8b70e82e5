package heldset

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/passes/contract"
)

func deref(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// content returns the type of what t leads to: pointers are followed, and a shared cell stands for what it holds.
func content(t types.Type) types.Type {
	for range 4 { // a pointer to a cell that holds a pointer to a struct
		if t == nil {
			return nil
		}
		if elem, ok := cellElem(t); ok {
			t = elem
		} else if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		} else {
			return t
		}
	}
	return t
}

// cellElem returns what a shared cell of package kernelshim holds: T of Word[T].
func cellElem(t types.Type) (types.Type, bool) {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != contract.ShimPath || n.TypeArgs().Len() != 1 {
		return nil, false
	}
	return n.TypeArgs().At(0), true
}

// isWord says whether t is or points to a shared cell that holds an integer.
func isWord(t types.Type) bool {
	if t == nil {
		return false
	}
	elem, ok := cellElem(deref(t))
	if !ok {
		return false
	}
	basic, ok := elem.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsInteger != 0
}

// typeName returns the name of the named type that t leads to, or "".
func typeName(t types.Type) (pkg, name string) {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return "", ""
	}
	if n.Obj().Pkg() != nil {
		pkg = n.Obj().Pkg().Path()
	}
	return pkg, n.Obj().Name()
}

// fieldVar returns the i-th field of the struct that t is or points to.
func fieldVar(t types.Type, i int) *types.Var {
	return deref(t).Underlying().(*types.Struct).Field(i)
}

// fieldType returns the type and variable of a field of what t leads to; nil if there is none.
func fieldType(t types.Type, name string) (types.Type, *types.Var) {
	if isWord(t) && strings.HasPrefix(name, bitField) {
		return types.Typ[types.Bool], nil
	}
	t = content(t)
	if t == nil {
		return nil, nil
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil, nil
	}
	for f := range s.Fields() {
		if f.Name() == name {
			return f.Type(), f
		}
	}
	return nil, nil
}

// promotion returns the fields that lead to a field that may be promoted. It is asked for each access, of few fields.
func (p *pkg) promotion(t types.Type, name string) []string {
	key := promoted{t, name}
	steps, known := p.promotions[key]
	if !known {
		steps = promotion(t, name)
		p.promotions[key] = steps
	}
	return steps
}

// promoted is a field as it is asked for.
type promoted struct {
	of   types.Type
	name string
}

// promotion returns the fields that lead to a field that may be promoted: {"Object", "o"} for o.
func promotion(t types.Type, name string) []string {
	t = content(t)
	if t == nil {
		return []string{name}
	}
	pkg := (*types.Package)(nil)
	if n, ok := types.Unalias(t).(*types.Named); ok {
		pkg = n.Obj().Pkg()
	}
	obj, index, _ := types.LookupFieldOrMethod(t, true, pkg, name)
	if v, ok := obj.(*types.Var); !ok || !v.IsField() || len(index) == 1 {
		return []string{name}
	}
	var steps []string
	for _, i := range index {
		s, ok := content(t).Underlying().(*types.Struct)
		if !ok {
			return []string{name}
		}
		steps = append(steps, s.Field(i).Name())
		t = s.Field(i).Type()
	}
	return steps
}

// memoryKey is what stores to addr change: a field of every struct of a type, the elements of all slices or maps of a type,
// or one variable.
func memoryKey(addr ssa.Value) any {
	if i, ok := addr.(*ssa.IndexAddr); ok {
		return elementKey(i.Type().String())
	}
	if _, ok := addr.Type().Underlying().(*types.Map); ok {
		return elementKey(addr.Type().Underlying().String())
	}
	if f, ok := addr.(*ssa.FieldAddr); ok {
		return fieldVar(f.X.Type(), f.Field)
	}
	return addr
}
