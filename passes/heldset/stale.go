package heldset

import (
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// renew returns h at the place where v gets a value again, as in a loop: locks that were reached through its old value are
// not lost in the program, but cannot be named any more.
func (f *function) renew(h state, v ssa.Value) state {
	if len(h.Locks()) == 0 {
		return h
	}
	return h.Lose(func(id Obj) bool { return f.objs.reachedThrough(id, v) })
}

// reachedThrough says whether the path id starts at the value v, or has v as an index on its way.
func (o *objects) reachedThrough(id Obj, v ssa.Value) bool {
	for id != 0 {
		switch n := o.nodes[id]; n.kind {
		case fieldNode, derefNode, indexNode:
			id = n.base
		case elemNode, opNode:
			if o.reachedThrough(n.other, v) {
				return true
			}
			id = n.base
		case valueNode, resultNode:
			return n.val == v
		default:
			return false
		}
	}
	return false
}

// root returns the value that the path id starts at, or nil.
func (o *objects) root(id Obj) ssa.Value {
	for id != 0 {
		switch n := o.nodes[id]; n.kind {
		case fieldNode, derefNode, indexNode, elemNode:
			id = n.base
		case valueNode, resultNode:
			return n.val
		default:
			return nil
		}
	}
	return nil
}

// callbacks returns h without the locks that a function literal among the arguments gives back or takes: whether and how
// often it is called, as the body of a range over a function, is not known.
func (f *function) callbacks(h state, call *ssa.Call) state {
	for i, arg := range call.Call.Args {
		if _, known := f.pkg.passing(call.Common(), i); known {
			continue // runCallbacks knows
		}
		if mc, ok := arg.(*ssa.MakeClosure); ok {
			h = f.loseIn(h, mc.Fn.(*ssa.Function), mc.Bindings, call)
		}
	}
	_, captured := target(call.Common())
	for _, v := range captured {
		if alloc, ok := v.(*ssa.Alloc); ok {
			if fn, free := onlyLiteral(alloc); fn != nil {
				h = f.loseIn(h, fn, free, call)
			}
		}
	}
	return h
}

// loseIn returns h without the locks that fn gives back or takes.
func (f *function) loseIn(h state, fn *ssa.Function, free []ssa.Value, call *ssa.Call) state {
	c := f.pkg.inferred(fn)
	if c == nil {
		return h
	}
	return f.loseLocks(h, binding{f: f, callee: &callee{Contract: c, free: free}, at: call})
}

// loseLocks returns h without the locks that the callee of b gives back or takes.
func (f *function) loseLocks(h state, b binding) state {
	for _, clause := range b.Clauses {
		if clause.Verb != lockorder.Releases && clause.Verb != lockorder.Acquires || clause.Lock.Class != lockorder.AnyClass {
			continue
		}
		if lock, ok := b.LockAt(clause.Lock.Of); ok {
			f.uses.lose(lock)
			h = h.Lose(func(id Obj) bool { return id == lock.Of })
		}
	}
	return h
}
