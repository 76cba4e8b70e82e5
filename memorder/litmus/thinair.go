package litmus

import (
	"slices"

	"github.com/mmvet/mmvet/memorder"
)

// freshValue stands for "any value at all" in tests that allow values out of thin air. herd7 keeps such a value symbolic.
const freshValue = 777777

// seeds are the values that a read may invent: every constant of the program and a fresh one.
func (t *Test) seeds() []int64 {
	list := []int64{freshValue}
	for _, th := range t.threads {
		walkExprs(th.body, func(e *expr) {
			if _, isAddress := t.locationAt(e.n); e.op == opNumber && !isAddress {
				list = append(list, e.n)
			}
		})
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func walkExprs(list []stmt, f func(*expr)) {
	for i := range list {
		s := &list[i]
		walkExpr(s.addr, f)
		walkExpr(s.e, f)
		walkExprs(s.then, f)
		walkExprs(s.els, f)
	}
}

func walkExpr(e *expr, f func(*expr)) {
	if e == nil {
		return
	}
	f(e)
	for _, a := range e.args {
		walkExpr(a, f)
	}
}

// mayUseThinAir reports whether the model might allow a value of the test to justify itself.
func (t *Test) mayUseThinAir() bool {
	return true
}

// hasPlain reports whether some path has a plain access: only then can there be a race.
func (t *Test) hasPlain(ts *traces) bool {
	for _, list := range ts.byTest {
		for _, tr := range list {
			for i := range tr.thread.Accesses() {
				if e := tr.thread.Access(i); e.Kind <= memorder.Write && e.Tag == memorder.Plain && e.Half == memorder.NoRMW {
					return true
				}
			}
		}
	}
	return false
}
