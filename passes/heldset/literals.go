package heldset

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

type literal = lockorder.Literal[Obj]

// subject returns what a test of v tells about: the path it was loaded from if that cannot have changed since, else v.
func (f *function) subject(v ssa.Value) Obj {
	if f.snapshots[v] {
		return f.objs.value(v)
	}
	return f.objs.of(v)
}

// condition returns the literal that is true where cond is.
func (f *function) condition(cond ssa.Value) literal {
	switch v := cond.(type) {
	case *ssa.UnOp:
		if v.Op == token.NOT {
			return f.condition(v.X).Negate()
		}
	case *ssa.BinOp:
		if l, ok := f.comparison(v); ok {
			return l
		}
		if v.Op == token.EQL || v.Op == token.NEQ {
			return f.sameness(v)
		}
	}
	return literal{Subject: f.subject(cond), Op: lockorder.NonZero}
}

// sameness returns the literal of a test whether two values are one: it has one subject, whichever way it is written.
func (f *function) sameness(v *ssa.BinOp) literal {
	l := f.sameObjects(f.subject(v.X), f.subject(v.Y))
	if v.Op == token.NEQ {
		return l.Negate()
	}
	return l
}

// sameObjects returns the literal that two objects have one value.
func (f *function) sameObjects(x, y Obj) literal {
	if x > y {
		x, y = y, x
	}
	id := f.objs.intern(node{kind: opNode, base: x, other: y, op: token.EQL}, types.Typ[types.Bool])
	return literal{Subject: id, Op: lockorder.NonZero}
}

// comparison returns the literal of a comparison with a constant.
func (f *function) comparison(v *ssa.BinOp) (literal, bool) {
	x, y := v.X, v.Y
	if _, ok := x.(*ssa.Const); ok {
		x, y = y, x
	}
	c, ok := y.(*ssa.Const)
	if !ok {
		return literal{}, false
	}
	var l literal
	switch v.Op {
	case token.EQL:
		l.Op = lockorder.Equal
	case token.NEQ:
		l.Op = lockorder.NotEqual
	case token.GTR, token.LSS, token.GEQ, token.LEQ:
		return f.sign(v, x)
	default:
		return literal{}, false
	}
	l.Value = constText(c)
	if and, bit, ok := bitTest(x); ok && l.Normal().Value == "" {
		n := l.Normal()
		n.Subject, n.Value = f.subject(and), bit
		n.Op += lockorder.HasBit - lockorder.NonZero
		return n, true
	}
	l.Subject = f.subject(x)
	return l.Normal(), true
}

// sign treats x < 0 and x >= 0 as facts about the comparison alone: they say too little about x. But where x is 0 or a
// negative errno they tell which.
func (f *function) sign(v *ssa.BinOp, x ssa.Value) (literal, bool) {
	if x == v.X && f.isErrno(x) && constText(v.Y.(*ssa.Const)) == "0" {
		switch v.Op {
		case token.LSS:
			return literal{Subject: f.subject(x), Op: lockorder.NonZero}, true
		case token.GEQ:
			return literal{Subject: f.subject(x), Op: lockorder.Zero}, true
		}
	}
	return literal{Subject: f.objs.of(v), Op: lockorder.NonZero}, true
}

// isErrno says whether v is the result of a kernel function that takes a lock if it returns 0: such a function returns 0 or
// a negative errno.
func (f *function) isErrno(v ssa.Value) bool {
	call, ok := v.(*ssa.Call)
	if !ok {
		return false
	}
	c := f.statedCallee(call.Common())
	return c != nil && c.Kernel && slices.ContainsFunc(c.Clauses, func(clause *lockorder.Clause) bool {
		return clause.Verb == lockorder.Acquires && len(clause.On) == 1 && zeroTest(clause.On[0])
	})
}

func zeroTest(t lockorder.Test) bool {
	return literal{Op: t.Op, Value: t.Value}.Normal().Op == lockorder.Zero
}

// bitTest recognises x & constant.
func bitTest(v ssa.Value) (x ssa.Value, bit string, ok bool) {
	and, ok := v.(*ssa.BinOp)
	if !ok || and.Op != token.AND {
		return nil, "", false
	}
	c, ok := and.Y.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.Int {
		return nil, "", false
	}
	return and.X, c.Value.ExactString(), true
}

// equate returns h where object to gets the value of v.
func (f *function) equate(h state, to Obj, v ssa.Value) state {
	h = h.Forget(to)
	if c, ok := v.(*ssa.Const); ok {
		return h.Assume(literal{Subject: to, Op: lockorder.Equal, Value: constText(c)})
	}
	switch v.(type) {
	case *ssa.Alloc, *ssa.MakeInterface, *ssa.FieldAddr, *ssa.MakeClosure:
		return h.Assume(literal{Subject: to, Op: lockorder.NonZero})
	}
	if l := f.condition(v); isBool(v) && l.Subject != f.subject(v) {
		return f.equateBool(h, to, l)
	}
	return h.Equate(f.subject(v), to)
}

// equateBool gives to the truth of l as far as it is known.
func (f *function) equateBool(h state, to Obj, l literal) state {
	switch h.Knows(l) {
	case lockorder.True:
		return h.Assume(literal{Subject: to, Op: lockorder.NonZero})
	case lockorder.False:
		return h.Assume(literal{Subject: to, Op: lockorder.Zero})
	}
	return h
}
