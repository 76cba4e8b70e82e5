package heldset

import (
	"fmt"
	"go/token"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// doubleFetches reports entries that are read again where others may change them, after a check of the first value: what was
// checked is not what is used. To compare the second value with the first is the way to look again.
func (f *function) doubleFetches() {
	var fetches []*ssa.Call
	for _, b := range f.ssa.Blocks {
		for _, instr := range b.Instrs {
			if call, ok := instr.(*ssa.Call); ok && f.snapshots[call] && !f.outlived[call] && f.fetchedOnce(call) {
				fetches = append(fetches, call)
			}
		}
	}
	for _, second := range fetches {
		for _, first := range fetches {
			if first != second && f.cellOf(first) == f.cellOf(second) && f.checkedBetween(first, second) && f.mixes(first, second) {
				f.reportFetch(first, second)
				break
			}
		}
	}
}

func (f *function) cellOf(load *ssa.Call) Obj { return f.objs.of(f.loadedCell(load.Common())) }

// fetchedOnce says whether a call loads a cell that may be read without a lock, but each time as a whole and once.
func (f *function) fetchedOnce(load *ssa.Call) bool {
	cell := f.loadedCell(load.Common())
	if cell == nil {
		return false
	}
	guard, _ := f.guardOf(f.objs.of(cell))
	return guard != nil && slices.ContainsFunc(guard.Rows(lockorder.ReadAccess), func(row *lockorder.Access) bool {
		return row.Lockless && row.Marked == "once"
	})
}

// checkedBetween says whether a branch on the first value leads to the second read, on a way that writes the cell nowhere.
func (f *function) checkedBetween(first, second *ssa.Call) bool {
	cell := place{base: f.cellOf(first)}
	for _, b := range f.ssa.Blocks {
		branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !ok || b == second.Block() || !b.Dominates(second.Block()) || !first.Block().Dominates(b) {
			continue
		}
		if !slices.Contains(f.sources(branch.Cond), ssa.Instruction(first)) {
			continue
		}
		written := func(i ssa.Instruction) bool {
			p, ok := f.writtenPlace(i)
			return i == first || ok && p == cell
		}
		if slices.ContainsFunc(b.Succs, func(s *ssa.BasicBlock) bool { return f.reaches(s, 0, second, written) }) {
			return true
		}
	}
	return false
}

// mixes says whether the second value is used, or tested in the same statement as the first, as if it were the first.
func (f *function) mixes(first, second *ssa.Call) bool {
	line := func(pos token.Pos) int { return f.pkg.pass.Fset.Position(pos).Line }
	for _, r := range *second.Referrers() {
		switch r := r.(type) {
		case *ssa.DebugRef:
		case *ssa.BinOp: // compared
		case *ssa.Call:
			if !isEntryTest(r) || len(r.Call.Args) == 1 && line(first.Pos()) == line(second.Pos()) {
				return true
			}
		default:
			return true
		}
	}
	return false
}

func (f *function) reportFetch(first, second *ssa.Call) {
	name := f.placeName(place{base: f.cellOf(first)})
	out := Finding{Message: fmt.Sprintf("%s is read again without its lock: what was checked is another value", name)}
	out.Pos, out.End = f.pkg.source.extent(position(second))
	pos, end := f.pkg.source.extent(position(first))
	out.Related = []analysis.RelatedInformation{{Pos: pos, End: end, Message: name + " is read and checked here: keep this value"}}
	f.staleFound = append(f.staleFound, out)
}
