package heldset

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// element returns what a lookup in a map finds: the same key of the same map is the same element until a map of the type
// is stored to.
func (o *objects) element(v *ssa.Lookup) Obj {
	n := node{kind: elemNode, base: o.of(v.X), other: o.of(v.Index), version: o.mem.version(memoryKey(v.X), v)}
	var typ types.Type = v.Type()
	if t, ok := typ.(*types.Tuple); ok {
		typ = t.At(0).Type()
	}
	return o.intern(n, typ)
}

// An elementKey stands for the elements of all slices or maps of a type.
type elementKey string

// loadElement returns what is read from an element of a slice or array by instruction at.
func (o *objects) loadElement(addr *ssa.IndexAddr, at ssa.Instruction) Obj {
	id := o.of(addr)
	n := o.nodes[id]
	if n.kind != elemNode && n.kind != indexNode {
		return id
	}
	version := o.mem.version(memoryKey(addr), at)
	if version == 0 {
		return id
	}
	if stored := o.mem.value(version); stored != nil {
		if to, ok := o.fn.storedTo(o.mem.byID[version-1]).(*ssa.IndexAddr); ok && o.of(to) == id {
			return o.of(stored)
		}
	}
	n.version = version
	return o.intern(n, deref(addr.Type()))
}

// isMethod says whether a call is one of the method of a type.
func isMethod(call *ssa.CallCommon, pkg, typ, method string) bool {
	fn := call.StaticCallee()
	if fn == nil || fn.Name() != method || len(call.Args) == 0 {
		return false
	}
	path, name := typeName(deref(call.Args[0].Type()))
	return path == pkg && name == typ
}
