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
			names := slices.Clone(side[0].Fields)
			for i, n := range names {
				names[i] = c.GoName(n)
			}
			if slices.Equal(names, fields) {
				if id, ok := b.Object(side[1]); ok {
					return id, true
				}
			}
		}
	}
	return 0, false
}
