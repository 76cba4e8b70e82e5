package heldset

import (
	"fmt"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// RuleUntested is broken by a call that takes a lock only if its result says so, and whose result nobody looks at. It is
// about the code and not about what is held, so that lockorder does not know it.
const RuleUntested lockorder.Rule = "untested"

// untested reports such a call, and goes on as if it had taken the lock: whoever wrote it believed that.
func (f *function) untested(h state, b binding, call *ssa.Call) state {
	for _, c := range b.Clauses {
		if c.Verb != lockorder.Acquires || len(c.On) != 1 || len(c.If) > 0 || !h.Reachable() {
			continue
		}
		i, ok := b.resultIndex(c.On[0].Path.Root)
		if !ok || len(c.On[0].Path.Fields) > 0 || used(call, i) {
			continue
		}
		if f.found != nil && position(call).IsValid() {
			f.found = append(f.found, f.untestedFinding(b, c, call))
		}
		if _, l, ok := b.Test(c.On[0]); ok {
			h = h.Assume(l)
		}
	}
	return h
}

func (f *function) untestedFinding(b binding, c *lockorder.Clause, call *ssa.Call) Finding {
	pos, end := f.pkg.source.extent(position(call))
	lock := c.Lock.String()
	if l, ok := b.LockAt(c.Lock.Of); ok {
		lock = l.Describe(f.name)
	}
	return Finding{
		Rule: RuleUntested, Pos: pos, End: end,
		Message: fmt.Sprintf("the result of %s is not tested, and only it says whether %s is held", b.Name, lock),
	}
}

// used says whether anything looks at the i-th result of a call.
func used(call *ssa.Call, i int) bool {
	single := call.Call.Signature().Results().Len() == 1
	for _, r := range *call.Referrers() {
		switch r := r.(type) {
		case *ssa.DebugRef:
		case *ssa.Extract:
			if r.Index == i && len(*r.Referrers()) > 0 {
				return true
			}
		default:
			if single {
				return true
			}
		}
	}
	return !single && len(*call.Referrers()) > 0 && returnsTuple(call)
}

// returnsTuple says whether the results of a call are returned as they are: return f().
func returnsTuple(call *ssa.Call) bool {
	for _, r := range *call.Referrers() {
		if _, ok := r.(*ssa.Return); ok {
			return true
		}
	}
	return false
}
