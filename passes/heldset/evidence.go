package heldset

import (
	"go/types"
	"maps"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// credibleChecks returns the stale checks of f that the lock is known to be about: the check was made under it, or a directive
// or the other functions of the package say so.
func (p *pkg) credibleChecks(f *function) []Finding {
	var out []Finding
	for _, s := range f.stale {
		if s.held || p.contracts.Guard(s.place.field) != nil || p.guardedElsewhere(f, s) {
			out = append(out, s.Finding)
		}
	}
	return out
}

// The share of functions that hold a lock where they use a field, from which on the lock is taken to guard it, and the number
// of such functions.
const (
	guardShare = 0.8
	guardUsers = 3
)

// guardedElsewhere says whether nearly all other functions that use a field take the lock beside it, or are called with it.
func (p *pkg) guardedElsewhere(f *function, s staleCheck) bool {
	with, without := 0, 0
	for _, g := range p.functions {
		if g == nil || g == f || !g.touched[s.place.field] {
			continue
		}
		class := func(l lockorder.Lock[Obj]) bool { return l.Class == s.lock.Class }
		if slices.ContainsFunc(slices.Collect(maps.Keys(g.taken)), class) ||
			slices.ContainsFunc(g.entry.Locks(), func(x lockorder.Holding[Obj]) bool { return class(x.Lock) }) {
			with++
		} else {
			without++
		}
	}
	return with >= guardUsers && float64(with) >= guardShare*float64(with+without)
}

// touches returns the fields that a function uses of objects that it has not made itself.
func (f *function) touches() map[*types.Var]bool {
	touched := map[*types.Var]bool{}
	for _, b := range f.ssa.Blocks {
		for _, instr := range b.Instrs {
			if addr, ok := instr.(*ssa.FieldAddr); ok && !f.isNew(f.objs.of(addr.X), addr) {
				touched[fieldVar(addr.X.Type(), addr.Field)] = true
			}
		}
	}
	return touched
}
