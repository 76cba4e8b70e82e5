package memorder

import (
	"testing"

	"pgregory.net/rapid"
)

// TestExplain checks that every refusal of a random execution is explained by a closed cycle of edges that exist.
func TestExplain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := Enumerator{Incoherent: rapid.Bool().Draw(t, "incoherent")}
		left := maxCandidates
		n.Run(program(t, 3, 4), make([]uint64, numLocs), func(x *Execution) bool {
			v := x.Explain()
			if (v.Axiom == Allowed) != (len(v.Cycle) == 0) {
				t.Fatalf("%v explained by %v:\n%v", v.Axiom, v.Cycle, x)
			}
			q := newReference(x)
			for i, e := range v.Cycle {
				if next := v.Cycle[(i+1)%len(v.Cycle)]; e.To != next.From {
					t.Fatalf("%v: edge %v does not join %v in %v:\n%v", v.Axiom, e, next, v.Cycle, x)
				}
				if !edgeExists(q, e) {
					t.Fatalf("%v: no edge %v in\n%v", v.Axiom, e, x)
				}
			}
			left--
			return left > 0
		})
	})
}

// edgeExists checks an edge of an explanation as far as its name is a relation of the reference.
func edgeExists(q *reference, e Edge) bool {
	a, b := q.base[e.From.Thread]+e.From.Index, q.base[e.To.Thread]+e.To.Index
	switch e.Name {
	case "rf", "rfe":
		return q.rf[a][b]
	case "co", "coe":
		return q.co[a][b]
	case "fr", "fre":
		return q.fr[a][b]
	case "rmw":
		return q.rmw[a][b]
	case "addr", "data", "ctrl", "wmb", "rmb", "mb", "gp", "po", "po-rel", "acq-po", "po-loc":
		return q.po[a][b]
	}
	return true
}

// BenchmarkExplain keeps explanations of small tests interactive.
func BenchmarkExplain(b *testing.B) {
	threads := storeBuffering(Mb)
	var n Enumerator
	for range b.N {
		n.Run(threads, make([]uint64, 2), func(x *Execution) bool {
			x.Explain()
			return true
		})
	}
}

// storeBuffering is SB with the given fence, both reads seeing the initial values.
func storeBuffering(fence Tag) []*Thread {
	var list []*Thread
	for i := range 2 {
		t := &Thread{}
		t.Append(Event{Kind: Write, Tag: Once, Loc: i, Value: 1})
		t.Append(Event{Kind: Fence, Tag: fence})
		t.Append(Event{Kind: Read, Tag: Once, Loc: 1 - i})
		list = append(list, t)
	}
	return list
}
