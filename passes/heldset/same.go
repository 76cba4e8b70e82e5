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
		for _, side := range [][2]lockorder.Path{{clause.Left, clause.Right}, {clause.Right, clause.Left}} {
			i, j := slices.Index(b.Params, side[0].Root), slices.Index(b.Params, side[1].Root)
			if i < 0 || j < 0 || len(side[0].Fields) <= len(side[1].Fields) || i >= len(b.args) || j >= len(b.args) {
				continue
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
