package heldset

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// credibleChecks returns the stale checks of f that the lock is known to be about: the check was made under it, or a directive
// or the other functions of the package say so.
func (p *pkg) credibleChecks(f *function) []Finding {
	var out []Finding
	for _, s := range f.stale {
		if s.held || s.place.field == nil || p.contracts.Guard(s.place.field) != nil || p.guardedElsewhere(f, s) {
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
		if g == nil || g == f || !g.touches(s.place.field) {
			continue
		}
		if slices.Contains(g.classes, s.lock.Class) {
			with++
		} else {
			without++
		}
	}
	return with >= guardUsers && float64(with) >= guardShare*float64(with+without)
}

// lockClasses returns the classes of the locks that the function takes or is called with.
func (f *function) lockClasses() []*lockorder.Class {
	var out []*lockorder.Class
	for l := range f.taken {
		out = append(out, l.Class)
	}
	for _, x := range f.entry.Locks() {
		out = append(out, x.Lock.Class)
	}
	return out
}

// touches says whether a function uses a field of an object that it has not made itself.
func (f *function) touches(field *types.Var) bool {
	for _, b := range f.ssa.Blocks {
		for _, instr := range b.Instrs {
			if addr, ok := instr.(*ssa.FieldAddr); ok && fieldVar(addr.X.Type(), addr.Field) == field {
				if _, made := addr.X.(*ssa.Alloc); !made {
					return true
				}
			}
		}
	}
	return false
}
