package accesses

import (
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
	"github.com/mmvet/mmvet/passes/contract"
)

// A Place is a field of a struct type, of any object, or a package variable: what code in two functions means by the same
// words. One bit of a flags word is a place of its own where the bit is given as a constant.
type Place struct {
	Pkg  string // import path
	Type string // "" for a package variable
	Name string
	Bit  string // "" for the whole
}

// String returns the place as a reader of the code knows it: MmStruct.MmLockSeq.
func (p Place) String() string {
	s := p.Name
	if p.Type != "" {
		s = p.Type + "." + s
	}
	if p.Bit != "" {
		s += " bit " + p.Bit
	}
	return s
}

// Is says whether the place is a field of the kernel that a contract names.
func (p Place) Is(f lockorder.Field) bool {
	return p.Pkg == contract.ShimPath && p.Type == mm.GoName(f.Type) && p.Name == mm.GoName(f.Name)
}

// Guard returns what the contract of the kernel says about the place, or nil.
func (p Place) Guard(profile *lockorder.Profile) *lockorder.Guard {
	if p.Pkg != contract.ShimPath {
		return nil
	}
	return mm.GuardOf(p.Type, p.Name, profile)
}

// transparent are the types of package kernelshim that are one thing to the kernel although they are structs here.
var transparent = map[string]bool{"SeqcountT": true}

// placeOf returns the place that an address is of, and the address of the object that it belongs to; ok is false if it has no
// name.
func placeOf(addr ssa.Value) (place Place, object ssa.Value, ok bool) {
	switch addr := addr.(type) {
	case *ssa.Global:
		return Place{Pkg: addr.Pkg.Pkg.Path(), Name: addr.Name()}, nil, true
	case *ssa.IndexAddr:
		return placeOf(addr.X)
	case *ssa.FieldAddr:
		owner := deref(addr.X.Type())
		n, named := types.Unalias(owner).(*types.Named)
		if !named || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() == contract.ShimPath && transparent[n.Obj().Name()] {
			if outer, object, ok := placeOf(addr.X); ok {
				return outer, object, true
			}
			return Place{}, nil, false
		}
		field := owner.Underlying().(*types.Struct).Field(addr.Field)
		if outer, object, ok := placeOf(addr.X); ok { // a struct in a struct is told from those in others
			outer.Name += "." + field.Name()
			return outer, object, true
		}
		return Place{Pkg: n.Obj().Pkg().Path(), Type: n.Obj().Name(), Name: field.Name()}, addr.X, true
	}
	return Place{}, nil, false
}

func deref(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// isCell says whether t is a type of package kernelshim that holds shared state which is read and written: a word, a
// seqcount, a bit lock.
func isCell(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != contract.ShimPath {
		return false
	}
	return n.Obj().Name() == "Word" || n.Obj().Name() == "SeqcountT" || n.Obj().Name() == "BitLock"
}

// isObject says whether t is a struct that has the identity of a kernel object.
func isObject(t types.Type) bool {
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range s.Fields() {
		if n, isNamed := types.Unalias(f.Type()).(*types.Named); isNamed && f.Embedded() && n.Obj().Name() == "Object" &&
			n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == contract.ShimPath {
			return true
		}
	}
	return false
}

// bitOf returns the number of the bit that a primitive such as set_bit(nr, addr) is given as a constant.
func bitOf(prim string, args []ssa.Value) string {
	if !strings.HasSuffix(prim, "_bit") && !strings.HasPrefix(prim, "bit_spin_") || len(args) == 0 {
		return ""
	}
	c, ok := args[0].(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.Int {
		return ""
	}
	return c.Value.ExactString()
}
