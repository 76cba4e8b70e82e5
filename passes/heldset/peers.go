package heldset

import (
	"fmt"
	"go/token"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// addPeers adds the edges between two locks of one class that the function takes of two objects which nothing puts in an
// order: Move(from, to) waits for Move(to, from). One that is reached through the other, as a child through its parent, has
// an order; and so have two that the function compares, or that one call takes, whose callee is asked.
func (f *function) addPeers(edges []lockorder.Edge, h state, lock lockorder.Lock[Obj], at ssa.Instruction) {
	if f.inTest() {
		return
	}
	for _, e := range edges {
		if e.From != e.To || e.FromRead && e.ToRead {
			continue
		}
		x := f.holdingOf(e, h)
		if x == nil || x.Site == e.Then || !x.Certain() || f.heldOnEntry(x) || !f.classed(lock) || !f.unordered(x.Lock.Of, lock.Of) {
			continue
		}
		if f.silent("lockcycle", at) {
			return
		}
		f.uses.edges = append(f.uses.edges, Edge{
			Edge: e, Sure: true, Gates: gates(h, x), fn: f.ssa,
			TakenText: fmt.Sprintf("%s is taken here, in %s", x.Lock.Describe(f.name), f.ssa.Name()),
			ThenText:  fmt.Sprintf("%s is taken here, in %s", lock.Describe(f.name), f.ssa.Name()),
		})
	}
}

// unordered says whether two locks belong to different parameters, or results of calls, that the function does not compare.
func (f *function) unordered(a, b Obj) bool {
	x, y := f.objs.root(a), f.objs.root(b)
	if x == nil || y == nil || x == y || !isPeer(x) || !isPeer(y) || f.objs.reachedThrough(a, y) || f.objs.reachedThrough(b, x) {
		return false
	}
	if f.objs.nodes[a].kind != fieldNode || f.objs.nodes[b].kind != fieldNode {
		return false
	}
	for _, block := range f.ssa.Blocks {
		for _, instr := range block.Instrs {
			if cmp, ok := instr.(*ssa.BinOp); ok && compares(cmp.Op) {
				p, q := f.objs.of(cmp.X), f.objs.of(cmp.Y)
				if f.objs.root(p) == x && f.objs.root(q) == y || f.objs.root(p) == y && f.objs.root(q) == x {
					return false
				}
			}
		}
	}
	return true
}

func isPeer(v ssa.Value) bool {
	switch v.(type) {
	case *ssa.Parameter, *ssa.FreeVar, *ssa.Call, *ssa.Lookup:
		return true
	}
	return false
}

func compares(op token.Token) bool {
	return op == token.LSS || op == token.GTR || op == token.LEQ || op == token.GEQ
}
