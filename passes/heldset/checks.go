package heldset

import (
	"fmt"
	"go/token"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// A gap is where a lock that the function holds is given back, or taken: what was true of the data that it guards need not be
// true behind it.
type gap struct {
	lock lockorder.Lock[Obj]
	op   lockorder.EventOp // EvAcquire, EvRelease or EvDrop
	at   ssa.Instruction
	by   *callee
	over *lockorder.Clause
}

// checks is what the reporting round notes to find checks that are stale when they are acted upon.
type checks struct {
	gaps   []gap
	states map[ssa.Instruction]state // at reads and writes of places
}

// noteGap notes the events that make a gap.
func (f *function) noteGap(e event, c *callee, at ssa.Instruction) {
	switch e.Op {
	case lockorder.EvAcquire, lockorder.EvRelease, lockorder.EvDrop:
		if _, deferred := at.(*ssa.Defer); !deferred && f.found != nil && e.Lock.Class.Kind.Info().Blocks && at.Parent() == f.ssa {
			f.checks.gaps = append(f.checks.gaps, gap{e.Lock, e.Op, at, c, e.Clause})
		}
	}
}

// notePlace notes the state in which a place is read or written, in functions that have anything to do with locks.
func (f *function) notePlace(instr ssa.Instruction, h state) {
	if len(f.taken) == 0 && len(f.entry.Locks()) == 0 {
		return
	}
	switch instr.(type) {
	case *ssa.UnOp, *ssa.Lookup, *ssa.Range, *ssa.Store, *ssa.MapUpdate, *ssa.Call:
		if f.checks.states == nil {
			f.checks.states = map[ssa.Instruction]state{}
		}
		f.checks.states[instr] = h
	}
}

// staleChecks reports the writes of places that were decided upon by a check of the same place before a gap in the lock that
// guards it, without another look behind the gap.
func (f *function) staleChecks() {
	if len(f.checks.gaps) == 0 {
		return
	}
	for _, b := range f.ssa.Blocks {
		for _, instr := range b.Instrs {
			h, noted := f.checks.states[instr]
			p, ok := f.writtenPlace(instr)
			if !noted || !ok || !position(instr).IsValid() || f.isNew(p.base, instr) {
				continue
			}
			for _, x := range h.Locks() {
				if x.Mode == lockorder.WriteMode && x.Certain() && x.Lock.Class.Kind.Info().Blocks && f.guards(x.Lock, p) {
					f.staleCheck(instr, p, x.Lock)
				}
			}
		}
	}
}

// staleCheck looks for the check that decides on a write under a lock.
func (f *function) staleCheck(write ssa.Instruction, p place, lock lockorder.Lock[Obj]) {
	for _, b := range f.ssa.Blocks {
		branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !ok || !f.decides(branch, write) {
			continue
		}
		for _, check := range f.sources(branch.Cond) {
			read, ok := f.readPlace(check)
			if !ok || read != p {
				continue
			}
			h, noted := f.checks.states[check]
			if !noted {
				continue
			}
			_, held := h.Find(lock.Class.Name, lock.Of)
			if f.serialized(h, f.checks.states[write], lock, p) {
				continue
			}
			if g := f.gapBetween(check, branch, write, p, lock, held); g != nil && !f.cached(write, g, p) {
				f.reportStale(write, check, p, lock, g, held)
				return
			}
		}
	}
}

// decides says whether a branch decides on whether a write is reached, and the write undoes what the branch found: one of its
// ways leads there, and the other neither does nor leads back to the branch, as the head of a loop.
func (f *function) decides(branch *ssa.If, write ssa.Instruction) bool {
	b := branch.Block()
	if b == write.Block() || !b.Dominates(write.Block()) {
		return false
	}
	way := -1
	for i, s := range b.Succs {
		stop := func(instr ssa.Instruction) bool { return instr == branch }
		switch {
		case f.reaches(s, 0, write, stop):
			if way >= 0 {
				return false
			}
			way = i
		case f.reaches(s, 0, branch, func(ssa.Instruction) bool { return false }):
			return false
		}
	}
	if way < 0 {
		return false
	}
	found, is := senseOf(branch.Cond, way == 0)
	return undoes(found, is, write)
}

// claims says whether the function writes to the object, or calls a method of a part of it, between a branch and a gap: so it
// may tell others that it is at work, in another field than the one that it checked.
func (f *function) claims(branch *ssa.If, gap ssa.Instruction, p place) bool {
	for _, b := range f.ssa.Blocks {
		if b == branch.Block() || !branch.Block().Dominates(b) || !b.Dominates(gap.Block()) {
			continue
		}
		for _, instr := range b.Instrs {
			if instr == gap {
				break
			}
			switch instr := instr.(type) {
			case *ssa.Store, *ssa.MapUpdate:
				if q, ok := f.writtenPlace(instr); ok && q.base == p.base && p.base != 0 {
					return true
				}
			case *ssa.Call:
				if len(instr.Call.Args) > 0 && !instr.Call.IsInvoke() {
					part, ok := instr.Call.Args[0].(*ssa.FieldAddr)
					if ok && f.objs.of(part.X) == p.base && !isLock(part.Type()) {
						return true
					}
				}
			}
		}
	}
	return false
}

// gapBetween returns a gap in a lock on a way from a check over its branch to a write, behind which nobody looks again.
func (f *function) gapBetween(check ssa.Instruction, branch *ssa.If, write ssa.Instruction, p place, lock lockorder.Lock[Obj], held bool) *gap {
	again := func(i ssa.Instruction) bool {
		own, ok := f.writtenPlace(i)
		return i == check || f.looks(i, p, write) || ok && own == p && i != write
	}
	for i := range f.checks.gaps {
		g := &f.checks.gaps[i]
		if g.lock.Class != lock.Class || g.lock.Of != lock.Of || held == (g.op == lockorder.EvAcquire) {
			continue
		}
		b := branch.Block()
		there := slices.ContainsFunc(b.Succs, func(s *ssa.BasicBlock) bool { return f.reaches(s, 0, g.at, again) })
		there = there || f.follows(g.at, check, branch)
		if there && !f.claims(branch, g.at, p) && f.reaches(g.at.Block(), f.objs.mem.pos[g.at]+1, write, again) {
			return g
		}
	}
	return nil
}

// follows says whether an instruction stands between a check and its branch.
func (f *function) follows(at, check ssa.Instruction, branch *ssa.If) bool {
	if at.Block() == check.Block() && f.objs.mem.pos[at] > f.objs.mem.pos[check] {
		return at.Block() == branch.Block() || at.Block().Dominates(branch.Block())
	}
	return at.Block() != check.Block() && check.Block().Dominates(at.Block()) && at.Block().Dominates(branch.Block())
}

// looks says whether an instruction looks at a place again, to decide: it reads it, or it asks the object by a method.
func (f *function) looks(instr ssa.Instruction, p place, write ssa.Instruction) bool {
	if read, ok := f.readPlace(instr); ok && read.base == p.base && read.field == p.field {
		if p.field == nil {
			return branches(instr.(ssa.Value), 0) // to use what stands there now is no look at what it is
		}
		if _, isMap := instr.(*ssa.UnOp); isMap && p.key != 0 {
			return false // to reach the element; a lookup comes after it
		}
		v, ok := instr.(ssa.Value)
		return !ok || feeds(v, write, 0)
	}
	call, ok := instr.(*ssa.Call)
	if !ok || call.Call.IsInvoke() || len(call.Call.Args) == 0 || call.Call.StaticCallee() == nil {
		return false
	}
	return p.base != 0 && f.objs.of(call.Call.Args[0]) == p.base && branches(call, 0)
}

// branches says whether a branch depends on a value.
func branches(v ssa.Value, depth int) bool {
	if v.Referrers() == nil || depth > 3 {
		return false
	}
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case *ssa.If:
			return true
		case *ssa.BinOp:
			if branches(r, depth+1) {
				return true
			}
		case *ssa.UnOp:
			if branches(r, depth+1) {
				return true
			}
		case *ssa.Extract:
			if branches(r, depth+1) {
				return true
			}
		case *ssa.Call:
			if isEntryTest(r) && branches(r, depth+1) {
				return true
			}
		}
	}
	return false
}

// reaches says whether a way leads from instruction number from of b to an instruction without passing a stop.
func (f *function) reaches(b *ssa.BasicBlock, from int, to ssa.Instruction, stop func(ssa.Instruction) bool) bool {
	seen := make([]bool, len(f.ssa.Blocks))
	var visit func(b *ssa.BasicBlock, from int) bool
	visit = func(b *ssa.BasicBlock, from int) bool {
		for _, instr := range b.Instrs[from:] {
			if instr == to {
				return true
			}
			if stop(instr) {
				return false
			}
		}
		for _, s := range b.Succs {
			if !seen[s.Index] {
				seen[s.Index] = true
				if visit(s, 0) {
					return true
				}
			}
		}
		return false
	}
	return visit(b, from)
}

// reportStale reports a write that a stale check decided upon.
func (f *function) reportStale(write, check ssa.Instruction, p place, lock lockorder.Lock[Obj], g *gap, held bool) {
	name, mu := f.placeName(p), f.lockName(lock)
	out := Finding{Dropped: g.op == lockorder.EvDrop}
	out.Pos, out.End = f.pkg.source.extent(position(write))
	gapText := mu + " is given back here"
	switch {
	case out.Dropped:
		by := f.readerName(g.by.Name)
		out.Message = fmt.Sprintf("%s is written on the strength of a check before %s dropped %s", name, by, mu)
		gapText = by + " drops " + mu + " here"
	case held:
		out.Message = fmt.Sprintf("%s is written on the strength of a check before %s was given back and taken again", name, mu)
	default:
		out.Message = fmt.Sprintf("%s is written on the strength of a check before %s was taken", name, mu)
		gapText = mu + " is taken here"
	}
	related := func(pos token.Pos, text string) {
		if pos.IsValid() {
			pos, end := f.pkg.source.extent(pos)
			out.Related = append(out.Related, analysis.RelatedInformation{Pos: pos, End: end, Message: text})
		}
	}
	related(position(check), name+" is checked here: check it again under the lock that it is written under")
	related(position(g.at), gapText)
	if at := f.pkg.places[g.over]; at.IsValid() {
		related(at, mu+" is given back here")
	}
	f.stale = append(f.stale, staleCheck{out, p, lock, held})
}

// lockName is the lock as the source writes it: without its class, which in ordinary Go is the type of what has it.
func (f *function) lockName(l lockorder.Lock[Obj]) string {
	if name := f.name(l.Of); name != "" && f.profile.Class(l.Class.Name) != l.Class {
		return name
	}
	return l.Describe(f.name)
}

// A staleCheck is a finding that may hang on whether the lock guards the place: where the check was made without it, only the
// other accesses tell.
type staleCheck struct {
	Finding
	place place
	lock  lockorder.Lock[Obj]
	held  bool
}

// serialized says whether another lock of the object is held for writing at the check and the write, and at all gaps between:
// then nobody else comes here.
func (f *function) serialized(check, write state, lock lockorder.Lock[Obj], p place) bool {
	return slices.ContainsFunc(check.Locks(), func(x lockorder.Holding[Obj]) bool {
		if x.Lock == lock || x.Mode != lockorder.WriteMode || !x.Certain() || !f.guards(x.Lock, p) {
			return false
		}
		y, held := write.Find(x.Lock.Class.Name, x.Lock.Of)
		return held && y.Certain() && y.Site == x.Site
	})
}
