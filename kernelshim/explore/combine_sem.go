package explore

import (
	"math/bits"

	"github.com/mmvet/mmvet/memorder"
)

// Locks whose readers commute, in candidate executions (sem.go). What a grant sees is not enumerated: it follows from what
// the sections and the writers saw of L.

// A span is a section of a reader, in a history.
type span struct {
	sem   *sem
	begin int // the access that reads L, or of a downgrade the one that writes it
	wrote bool
	end   int // the access that writes R; -1: it goes on
}

// A grant is a lock of a writer: the accesses that read the R of the others, in order of their tasks, and then the atomic on L.
type grant struct {
	sem    *sem
	first  int // access
	others tasks
}

func (h *history) section(s *sem, begin int) {
	h.spans = append(h.spans, span{sem: s, begin: begin, wrote: h.thread.Access(begin).Writes(), end: -1})
}

func (h *history) ended(s *sem, end int) {
	for i := range h.spans {
		if h.spans[i].sem == s && h.spans[i].end < 0 {
			h.spans[i].end = end
		}
	}
}

// grant adds the reads of a writer.
func (b *builder) grant(s *sem, tag memorder.Tag) {
	g := grant{sem: s, first: b.h.thread.Accesses(), others: s.others(int(b.h.p.task))}
	if s.blind {
		tag = memorder.Once
	}
	for q := g.others; q != 0; q = q.rest() {
		b.h.derived |= 1 << b.h.thread.Accesses()
		b.access(memorder.Read, tag, memorder.NoRMW, s.ends[q.first()], b.a.f.inits[s.loc], 0)
	}
	b.h.grants = append(b.h.grants, g)
}

// deriving sets up the enumerator for grants.
func (a *axiomatic) deriving() {
	a.enum.Derived = func(id memorder.AccessID) bool { return a.chosen[id.Thread()].derived>>id.Access()&1 == 1 }
	a.enum.Settle = a.settle
}

// settle sets what grants see: the last older section of each reader. It returns false if one of them has not ended: the lock
// excludes that.
func (a *axiomatic) settle(x *memorder.Execution) bool {
	for i, h := range a.chosen {
		for k := range h.grants {
			if !a.settleGrant(x, i, &h.grants[k]) {
				return false
			}
		}
	}
	return true
}

func (a *axiomatic) settleGrant(x *memorder.Execution, thread int, g *grant) bool {
	for q := g.others; q != 0; q = q.rest() {
		x.See(memorder.ID(thread, g.first+bits.OnesCount32(uint32(g.others))-q.count()), memorder.Initial)
	}
	lock := memorder.ID(thread, g.first+g.others.count()) // what reads L
	if a.excludes(x, thread, thread, lock, g, memorder.Initial) {
		return false
	}
	read := memorder.ID(thread, g.first)
	for q := g.others; q != 0; q = q.rest() {
		for i, h := range a.chosen {
			if int(h.p.task) == q.first() && a.excludes(x, i, thread, lock, g, read) {
				return false
			}
		}
		read++
	}
	return true
}

// excludes has the read of a grant see the last section of a thread that is older. It returns true if that has not ended.
func (a *axiomatic) excludes(x *memorder.Execution, thread, writer int, lock memorder.AccessID, g *grant, read memorder.AccessID) bool {
	h := a.chosen[thread]
	for i := range h.spans {
		s := &h.spans[i]
		if s.sem != g.sem || thread == writer && memorder.ID(thread, s.begin) > lock {
			continue
		}
		saw := memorder.ID(thread, s.begin)
		if !s.wrote {
			saw, _ = x.Source(saw)
		}
		if !older(x, saw, lock) {
			continue
		}
		if s.end < 0 || thread == writer && memorder.ID(thread, s.end) > lock {
			return true
		}
		if thread != writer {
			x.See(read, memorder.ID(thread, s.end))
		}
	}
	return false
}

// older reports whether a write to L, or the initial one, is what an atomic on L saw, or older. All writes to L that are seen are
// of atomics, each of which follows the one that it saw.
func older(x *memorder.Execution, w, atomic memorder.AccessID) bool {
	for range x.Threads() * memorder.MaxAccesses {
		saw, _ := x.Source(atomic)
		if saw == w {
			return true
		}
		if saw == memorder.Initial || x.Event(saw).Half != memorder.PairedRMW {
			return false
		}
		atomic = saw - 1
	}
	return true // a cycle, which coherence forbids
}

// heldBy returns the state of a lock in the end of the execution that was chosen.
func (a *axiomatic) heldBy(x *memorder.Execution, s *sem) value {
	v := a.f.inits[s.loc]
	if w, ok := a.newest(x, s.loc); ok {
		v = a.chosen[w.Thread()].news[w.Access()]
	}
	if v != a.f.inits[s.loc] {
		return v // a writer has it, or it is free memory
	}
	var open [][]semStep
	for _, h := range a.chosen {
		var steps []semStep
		for i := range h.steps {
			t := &h.steps[i]
			if t.n.sem != s {
				continue
			}
			switch t.how {
			case howSemUnread:
				steps = nil
			case howSemRead, howSemNest, howSemDown:
				steps = append(steps, semStep{t.n, t.old})
			}
		}
		if steps != nil {
			open = append(open, steps)
		}
	}
	return a.f.heldBy(s, open)
}
