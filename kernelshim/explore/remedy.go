package explore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// A Remedy is what a failing execution lacks: a fence before a step, or a step that acquires or releases or is marked. With all that
// are named for a failure the Linux kernel memory model forbids the execution, or sees no data race in it; another one may fail yet.
type Remedy struct {
	What string // "smp_wmb", "smp_load_acquire"
	Step int    // in the execution, from 1
	Task string
	Pos  machine.Pos // of the step

	Before bool // a fence before the step; or else the step is to be What

	strengthening
}

// String says what is to stand where: "smp_wmb before row 7 (port.go:12)".
func (r *Remedy) String() string {
	where := "at"
	if r.Before {
		where = "before"
	}
	return fmt.Sprintf("%s %s row %d (%s)", r.What, where, r.Step, r.Pos.Short())
}

// note says it beside the row of a failure of a kind, one of so many remedies.
func (r *Remedy) note(kind Kind, of int) string {
	text := "forbidden with " + r.What
	if kind == DataRace {
		text = "no race with " + r.What
	}
	if r.Before {
		text += " before this"
	} else {
		text += " here"
	}
	if of > 1 {
		text += fmt.Sprintf(" and %d more", of-1)
	}
	return text
}

// forbidding lists remedies in one sentence.
func forbidding(list []Remedy) string {
	var text []string
	for i := range list {
		text = append(text, list[i].String())
	}
	return strings.Join(text, " and ")
}

// A strengthening is a remedy as events: a fence before the first access of a step, or another tag of its accesses. It is one of the
// source, and so of all steps in its place.
type strengthening struct {
	thread, step int // the first of them
	op           *machine.Op
	tag          memorder.Tag
	fence        bool
}

// in reports whether a step is one of them: the line may have several.
func (s *strengthening) in(op *machine.Op) bool { return s.op.SamePlace(op) && s.op.Loc == op.Loc }

// remedies finds what forbids the drawn execution, or makes its accesses race no more: nothing of it is superfluous, and no full
// fence can be replaced by what is cheaper. It begins with full fences between all steps, and if need be with marks for all plain
// accesses, takes away what it does not take, and makes weaker what is left. It returns nil if even that is not enough.
func (d *drawer) remedies() (list []Remedy) {
	d.relearn()
	for _, s := range d.spared(d.cheapened(d.enough())) {
		list = append(list, Remedy{What: s.name(), Step: d.rows[s.thread][s.step], Task: d.chosen[s.thread].p.th.task.Name, Pos: s.op.Pos,
			Before: s.fence, strengthening: s})
	}
	slices.SortFunc(list, func(a, b Remedy) int { return a.Step - b.Step })
	return list
}

// enough finds fences that forbid the execution, or marks, or both. There may be several sets of which nothing can be spared, so tasks
// are tried in both orders. A fence stands as late as it may.
func (d *drawer) enough() (least []strengthening) {
	var fences, marks []strengthening
	add := func(list []strengthening, s strengthening) []strengthening {
		if slices.ContainsFunc(list, func(o strengthening) bool { return o.in(s.op) }) {
			return list
		}
		return append(list, s)
	}
	for t, h := range d.chosen {
		for step, first := range h.firstOf {
			op := h.steps[step].n.op
			if first > 0 {
				fences = add(fences, strengthening{t, step, op, memorder.Mb, true})
			}
			if mark := (strengthening{t, step, op, memorder.Once, false}); first >= 0 && op.Tag == memorder.Plain && mark.name() != "" {
				marks = add(marks, mark)
			}
		}
	}
	sets := [][]strengthening{fences}
	if !d.gone(fences) {
		sets = [][]strengthening{marks, append(marks, fences...)}
	}
	for _, set := range sets {
		other := slices.Clone(set)
		slices.SortStableFunc(other, func(a, b strengthening) int { return b.thread - a.thread })
		for _, set := range [][]strengthening{set, other} {
			if !d.gone(set) {
				break
			}
			if set = d.spared(set); least == nil || len(set) < len(least) {
				least = set
			}
		}
	}
	return least
}

// spared takes away what the others can do without, the first first.
func (d *drawer) spared(set []strengthening) []strengthening {
	for i := 0; i < len(set); {
		if without := slices.Delete(slices.Clone(set), i, i+1); d.gone(without) {
			set = without
		} else {
			i++
		}
	}
	return set
}

// cheapened replaces each full fence by the cheapest order of its task that is enough beside the others.
func (d *drawer) cheapened(set []strengthening) []strengthening {
	for i, full := range set {
		if !full.fence {
			continue
		}
		for _, s := range d.cheaper(full, set) {
			if set[i] = s; d.gone(set) {
				break
			}
			set[i] = full
		}
	}
	return set
}

// cheaper lists what may stand in for a full fence, the cheapest first: an acquire before it, a release after it, a fence for loads
// or stores alone. What others see of an access that is not marked, if only by the set, orders nothing.
func (d *drawer) cheaper(full strengthening, set []strengthening) (list []strengthening) {
	h := d.chosen[full.thread]
	add := func(step int, tag memorder.Tag) {
		s := strengthening{full.thread, step, h.steps[step].n.op, tag, false}
		marked := s.op.Tag != memorder.Plain || slices.ContainsFunc(set, func(o strengthening) bool { return o.tag == memorder.Once && o.in(s.op) })
		if marked && s.name() != "" {
			list = append(list, s)
		}
	}
	for step := full.step - 1; step >= 0; step-- {
		add(step, memorder.Acquire)
	}
	for step := full.step; step < len(h.steps); step++ {
		add(step, memorder.Release)
	}
	for _, tag := range []memorder.Tag{memorder.Rmb, memorder.Wmb} {
		list = append(list, strengthening{full.thread, full.step, full.op, tag, true})
	}
	return list
}

// name is the primitive that makes the strengthening of a step, or "" if there is none.
func (s *strengthening) name() string {
	if s.fence {
		return map[memorder.Tag]string{memorder.Mb: "smp_mb", memorder.Rmb: "smp_rmb", memorder.Wmb: "smp_wmb"}[s.tag]
	}
	return memorder.Stronger(s.op.Prim, s.tag)
}

// gone reports whether the model forbids the execution, or the data race that it is shown for is none, once it is strengthened.
func (d *drawer) gone(set []strengthening) bool {
	x := d.x
	for t := range d.chosen {
		x = x.WithThread(t, d.strengthened(t, set))
	}
	return x.Check() != memorder.Allowed || d.r.Kind == DataRace && !x.Races()
}

// strengthened is a thread of the execution with what of the set belongs to it.
func (d *drawer) strengthened(t int, set []strengthening) *memorder.Thread {
	was, is := d.x.Thread(t), &memorder.Thread{}
	last := -1
	for i := range was.Len() {
		e, step := *was.Event(i), d.chosen[t].stepOfEvent[i]
		op := d.chosen[t].steps[step].n.op
		for _, s := range set {
			switch {
			case !s.in(op):
			case s.fence && step != last:
				_ = is.Append(memorder.Event{Kind: memorder.Fence, Tag: s.tag})
			case s.tag == memorder.Acquire && e.Kind == memorder.Read, s.tag == memorder.Release && e.Kind == memorder.Write,
				s.tag == memorder.Once && e.Tag == memorder.Plain:
				e.Tag = s.tag
			}
		}
		_ = is.Append(e) // there are no more accesses than there were
		last = step
	}
	return is
}
