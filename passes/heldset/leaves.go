package heldset

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// survives returns what is true of a function's parameters when it returns, since it does not return else: of an error, as for
// require.NoError(t, err), of a bool, and of two that it compares, as for require.Equal(t, a, b).
func (f *function) survives() []*lockorder.Clause {
	out := f.compared()
	for i, v := range f.ssa.Params {
		if !isBool(v) && !types.Identical(v.Type(), types.Universe.Lookup("error").Type()) {
			continue
		}
		t := lockorder.Test{Path: lockorder.Path{Root: paramName(i)}, Op: lockorder.Zero}
		switch f.exit.Knows(literal{Subject: f.objs.of(v), Op: lockorder.Zero}) {
		case lockorder.Unknown:
			continue
		case lockorder.False:
			t.Op = lockorder.NonZero
		}
		out = append(out, &lockorder.Clause{Verb: lockorder.Tells, Tell: lockorder.Cond{t}, Owner: "func " + f.label()})
	}
	return out
}

// compared returns which parameters are equal when the function returns, or differ.
func (f *function) compared() []*lockorder.Clause {
	var out []*lockorder.Clause
	for i, a := range f.ssa.Params {
		for _, use := range *a.Referrers() {
			test, ok := use.(*ssa.BinOp)
			if !ok || test.X != a || test.Op != token.EQL && test.Op != token.NEQ {
				continue
			}
			b, ok := test.Y.(*ssa.Parameter)
			if !ok {
				continue
			}
			t := lockorder.Test{Path: lockorder.Path{Root: paramName(i)}, Value: paramName(slices.Index(f.ssa.Params, b))}
			switch same := f.sameness(test); f.exit.Knows(literal{Subject: same.Subject, Op: lockorder.NonZero}) {
			case lockorder.Unknown:
				continue
			case lockorder.True:
				t.Op = lockorder.Equal
			case lockorder.False:
				t.Op = lockorder.NotEqual
			}
			c := &lockorder.Clause{Verb: lockorder.Tells, Tell: lockorder.Cond{t}, Owner: "func " + f.label()}
			if !slices.ContainsFunc(out, func(k *lockorder.Clause) bool { return k.Body() == c.Body() }) {
				out = append(out, c)
			}
		}
	}
	return out
}

// A left is what a function literal leaves in a variable that it captures and assigns to.
type left struct {
	free  int
	value lockorder.Truth // whether it is not zero
}

// leaves returns what a literal leaves in the variables that it assigns to, as "unlocked = true".
func (f *function) leaves(returns []returning) []left {
	var out []left
	for i, v := range f.ssa.FreeVars {
		if !assigned(v) || len(returns) == 0 {
			continue
		}
		l := left{i, f.leftAt(v, returns[0])}
		for _, r := range returns[1:] {
			if f.leftAt(v, r) != l.value {
				l.value = lockorder.Unknown
			}
		}
		out = append(out, l)
	}
	return out
}

func (f *function) leftAt(v *ssa.FreeVar, r returning) lockorder.Truth {
	nonZero := literal{Subject: f.objs.load(v, r.ret), Op: lockorder.NonZero}
	if n := f.objs.nodes[nonZero.Subject]; n.kind == constNode {
		return constantTruth(n.name, nonZero)
	}
	return r.h.Knows(nonZero)
}

// assigned says whether a function literal assigns to a variable that it captures.
func assigned(v *ssa.FreeVar) bool {
	return slices.ContainsFunc(*v.Referrers(), func(r ssa.Instruction) bool {
		s, ok := r.(*ssa.Store)
		return ok && s.Addr == v
	})
}

// assignedBy returns the variables of its caller that a called function literal assigns to.
func assignedBy(call *ssa.CallCommon) []ssa.Value {
	fn, free := target(call)
	if fn == nil || len(free) != len(fn.FreeVars) {
		return nil
	}
	var out []ssa.Value
	for i, v := range fn.FreeVars {
		if assigned(v) {
			out = append(out, free[i])
		}
	}
	return out
}

// left returns the state after the call of a function literal, with what it left in the variables that it assigns to.
func (f *function) left(h state, call *ssa.Call) state {
	fn, free := target(call.Common())
	if fn == nil || len(free) != len(fn.FreeVars) {
		return h
	}
	for _, l := range f.pkg.left[fn] {
		id := f.objs.variable(free[l.free], f.objs.mem.ids[call])
		h = h.Forget(id)
		switch l.value {
		case lockorder.True:
			h = h.Assume(literal{Subject: id, Op: lockorder.NonZero})
		case lockorder.False:
			h = h.Assume(literal{Subject: id, Op: lockorder.Zero})
		}
	}
	return h
}
