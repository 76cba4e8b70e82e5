package explore

import (
	"fmt"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// A recheck is a second look of a task at a word that others write, elsewhere in the code than the first one, when the task has
// taken a lock or a reference, or has ordered its accesses, since: what it saw at first may be history. Without it, the
// task goes on with what it saw at first.

// looked returns the last look of the task at a location, and what it saw, before the step behind up with the result by.
func looked(loc *machine.Loc, up *node, by value) (first *node, saw value) {
	for ; up != nil; up, by = up.up, up.by {
		if up.ran.Loc != loc || loc == nil {
			continue
		}
		if up.ran.Code == machine.Load {
			return up, by
		}
		return nil, 0 // it knows the word from a step of its own
	}
	return nil, 0
}

// rechecks reports whether a look is another one than the first, and not the same line again, as in a loop.
func rechecks(op *machine.Op, first *node) bool {
	return op.Code == machine.Load && (op.Pos != first.ran.Pos || op.Prim != first.ran.Prim)
}

// unseeing makes a load one that touches nothing and returns a value.
func unseeing(op *machine.Op, saw any) {
	removed(op)
	op.Code, op.Arg = machine.Alloc, saw
}

// recheckOf says how the step can be left out if it is a recheck.
func (f *forest) recheckOf(n *node, writers map[int32]tasks) (change, bool) {
	if n.code != machine.Load || writers[n.loc]&^one(n.taskID()) == 0 {
		return change{}, false
	}
	first, _ := looked(n.op.Loc, n.up, n.by)
	if first == nil || !rechecks(n.op, first) || !f.guarded(first, n) {
		return change{}, false
	}
	pos, prim := n.op.Pos, n.op.Prim
	what := fmt.Sprintf("the recheck %s of what was seen at %s", n.op, first.op.Pos.Short())
	return change{reason: Reason{What: what, Pos: pos}, blind: true, hits: func(o *machine.Op) bool {
		return o.Pos == pos && o.Prim == prim && o.Code == machine.Load
	}}, true
}

// guarded reports whether the task did something between two looks that makes another look worth it.
func (f *forest) guarded(first, second *node) bool {
	for n := second.up; n != nil && n != first; n = n.up {
		switch n.code {
		case machine.Acquire, machine.RMW, machine.Enter, machine.Fence, machine.End, machine.Await:
			return true
		}
	}
	return false
}

// writers returns for each location the tasks that write it in some history.
func (f *forest) writers() map[int32]tasks {
	by := map[int32]tasks{}
	var walk func(*node)
	walk = func(n *node) {
		if n.op != nil && n.loc >= 0 && n.access != machine.Reads && n.access != machine.Local {
			by[n.loc] |= one(n.taskID())
		}
		for i := range n.kids {
			walk(n.kids[i].to)
			if n.kids[i].child != nil {
				walk(n.kids[i].child.root)
			}
		}
	}
	for _, th := range f.threads {
		walk(th.root)
	}
	return by
}
