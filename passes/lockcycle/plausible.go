package lockcycle

import (
	"slices"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/heldset"
)

// ends are the two classes of an edge.
type ends struct{ from, to lockorder.ClassRef }

// A bound is what is true wherever one lock was taken while the other was held.
type bound struct {
	gates          []string // held for writing besides
	within, across bool     // both of one object; of two objects of one type
}

// bind narrows what is known of an edge by one more place where it is.
func (o *order) bind(e heldset.Edge) {
	k := ends{e.From, e.To}
	have, ok := o.bounds[k]
	if !ok {
		o.bounds[k] = bound{slices.Clone(e.Gates), e.Within, e.Across}
		return
	}
	have.gates = slices.DeleteFunc(have.gates, func(g string) bool { return !slices.Contains(e.Gates, g) })
	have.within, have.across = have.within && e.Within, have.across && e.Across
	o.bounds[k] = have
}

// cycles returns the cycles that can be deadlocks.
func (o *order) cycles() []lockorder.Cycle {
	return slices.DeleteFunc(o.graph.Cycles(), func(c lockorder.Cycle) bool { return o.gated(c) || o.nested(c) })
}

// gated says whether all parts of a cycle run under one lock, so that never two of them run at a time.
func (o *order) gated(c lockorder.Cycle) bool {
	inferred := slices.DeleteFunc(slices.Clone(c), func(e lockorder.Edge) bool { return e.Declared != nil })
	gates := slices.Clone(o.bounds[ends{inferred[0].From, inferred[0].To}].gates)
	for _, e := range inferred[1:] {
		other := o.bounds[ends{e.From, e.To}].gates
		gates = slices.DeleteFunc(gates, func(g string) bool { return !slices.Contains(other, g) })
	}
	for _, e := range c { // a lock of the cycle itself is no gate
		gates = slices.DeleteFunc(gates, func(g string) bool { return g == e.From.Class })
	}
	return len(gates) > 0
}

// nested says whether a cycle of two locks climbs a tree: within an object in one order, and from an object to another, its
// parent or child, in the other. Who waits on the way up waits for nobody who waits for him.
func (o *order) nested(c lockorder.Cycle) bool {
	if len(c) != 2 {
		return false
	}
	a, b := o.bounds[ends{c[0].From, c[0].To}], o.bounds[ends{c[1].From, c[1].To}]
	return a.within && b.across || a.across && b.within
}

// likely says whether an edge counts without -lockcycle.deep. What a callee takes on some of its ways only is often taken
// for reasons that rule out the other half of the cycle: a reference that was the last, a cache that was empty.
func likely(e heldset.Edge) bool { return deep || e.Sure }
