package heldset

import (
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// sameAs returns what a "same" clause says that the i-th result of call, followed by fields, is.
func (o *objects) sameAs(call *ssa.Call, i int, fields []string) (Obj, bool) {
	c := o.fn.callee(call.Common())
	if c == nil {
		return 0, false
	}
	b := binding{f: o.fn, callee: c, call: call, at: call}
	for _, clause := range c.Clauses {
		if clause.Verb != lockorder.Same {
			continue
		}
		for _, side := range [][2]lockorder.Path{{clause.Left, clause.Right}, {clause.Right, clause.Left}} {
			if j, ok := b.resultIndex(side[0].Root); !ok || i != j || len(side[0].Fields) != len(fields) {
				continue
			}
			if !slices.Equal(b.goNames(side[0].Fields), fields) {
				continue
			}
			if base, rest := b.root(side[1]); base != 0 {
				return o.path(base, b.goNames(rest), call), true // 0 while the path is being resolved
			}
		}
	}
	return 0, false
}

// An equality says that a path from an object is another one, by a "same" clause between parameters: of a call in the
// function, which made it so, or of the function's own contract, whose callers did.
type equality struct {
	base   Obj
	fields []string
	to     func() Obj
	busy   bool // being resolved
}

// equalities returns the equalities of the function, found once.
func (o *objects) equalities() []equality {
	if o.equals != nil {
		return o.equals
	}
	o.equals = []equality{}
	if o.fn.contract != nil {
		o.equate(o.fn.ownBinding())
	}
	for _, b := range o.fn.ssa.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(*ssa.Call)
			if !ok {
				continue
			}
			if c := o.fn.statedCallee(call.Common()); c != nil {
				o.equate(binding{f: o.fn, callee: c, call: call, at: call})
			}
		}
	}
	return o.equals
}

func (o *objects) equate(b binding) {
	for _, clause := range b.Clauses {
		if clause.Verb != lockorder.Same || len(clause.If) > 0 || len(clause.On) > 0 {
			continue
		}
		for n, side := range [][2]lockorder.Path{{clause.Left, clause.Right}, {clause.Right, clause.Left}} {
			i, j := slices.Index(b.Params, side[0].Root), slices.Index(b.Params, side[1].Root)
			longer := len(side[0].Fields) - len(side[1].Fields)
			if i < 0 || j < 0 || longer < 0 || longer == 0 && (n > 0 || len(side[0].Fields) == 0) || i >= len(b.args) || j >= len(b.args) {
				continue // of two paths of one length the left one is the right one
			}
			to, rest := b.args[j], b.goNames(side[1].Fields)
			o.equals = append(o.equals, equality{
				base: o.of(b.args[i]), fields: b.goNames(side[0].Fields),
				to: func() Obj { return o.path(o.of(to), rest, b.at) },
			})
		}
	}
}

// equalTo returns what base.fields is by an equality.
func (o *objects) equalTo(base Obj, fields []string) (Obj, bool) {
	for i, e := range o.equalities() {
		if e.base != base || e.busy || !slices.Equal(e.fields, fields) {
			continue
		}
		o.equals[i].busy = true // f(vma.VmMm, vma) says that vma.VmMm is vma.VmMm
		id := e.to()
		o.equals[i].busy = false
		if id != 0 {
			return id, true
		}
	}
	return 0, false
}

// common returns what base.name is by a directive that says that objects have the field in common with those of their type that
// they are reached from: the field of the first one on the way.
func (o *objects) common(base Obj, name string) (Obj, bool) {
	if !o.fn.pkg.contracts.HasCommon() {
		return 0, false
	}
	_, field := fieldType(o.types[base], name)
	if field == nil || !o.fn.pkg.contracts.Common(field) {
		return 0, false
	}
	first := base
	for id := o.reachedFrom(base); id != 0; id = o.reachedFrom(id) {
		if _, v := fieldType(o.types[id], name); v == field {
			first = id
		}
	}
	if first == base {
		return 0, false
	}
	return o.field(first, name, nil), true
}

// reachedFrom returns the object that id was reached from: whose field, element or key it is, or 0.
func (o *objects) reachedFrom(id Obj) Obj {
	switch n := o.nodes[id]; n.kind {
	case fieldNode, derefNode, elemNode, indexNode:
		return n.base
	case valueNode:
		if e, ok := n.val.(*ssa.Extract); ok {
			if next, ok := e.Tuple.(*ssa.Next); ok {
				if r, ok := next.Iter.(*ssa.Range); ok {
					return o.of(r.X)
				}
			}
		}
	}
	return 0
}
