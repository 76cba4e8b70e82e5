package explore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// A Remedy is an order that a failing execution lacks: a fence before a step, or a step that acquires or releases. With all that
// are named for a failure the Linux kernel memory model forbids the execution; another one may fail yet.
type Remedy struct {
	What string // "smp_wmb", "smp_load_acquire"
	Step int    // in the execution, from 1
	Task string
	Pos  machine.Pos // of the step

	Before bool // a fence before the step; or else the step is to be What
}

// String says what is to stand where: "smp_wmb before row 7 (port.go:12)".
func (r *Remedy) String() string {
	where := "at"
	if r.Before {
		where = "before"
	}
	return fmt.Sprintf("%s %s row %d (%s)", r.What, where, r.Step, r.Pos.Short())
}

// note says it beside the row, one of so many remedies.
func (r *Remedy) note(of int) string {
	text := "forbidden with " + r.What + " here"
	if r.Before {
		text = "forbidden with " + r.What + " before this"
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

// A strengthening is a remedy as events: a fence before the first access of a step, or another tag of its accesses.
type strengthening struct {
	thread, step int
	tag          memorder.Tag
	fence        bool
}

// remedies finds what forbids the drawn execution: nothing of it is superfluous, and no full fence can be replaced by what is
// cheaper. It begins with full fences between all steps, and if need be with marks for all plain accesses, takes away what it does
// not take, and makes weaker what is left. It returns nil if even that does not forbid the execution.
func (d *drawer) remedies() (list []Remedy) {
	d.relearn()
	for _, s := range d.spared(d.cheapened(d.enough())) {
		h := d.chosen[s.thread]
		n := h.steps[s.step].n
		list = append(list, Remedy{What: s.name(n), Step: d.rows[s.thread][s.step], Task: h.p.th.task.Name, Pos: n.op.Pos, Before: s.fence})
	}
	slices.SortFunc(list, func(a, b Remedy) int { return a.Step - b.Step })
	return list
}

// enough finds fences and marks that forbid the execution. There may be several sets of which nothing can be spared, so tasks are
// tried in both orders. A fence stands as late as it may.
func (d *drawer) enough() (least []strengthening) {
	var fences, marks []strengthening
	for t, h := range d.chosen {
		for step, first := range h.firstOf {
			if first > 0 {
				fences = append(fences, strengthening{t, step, memorder.Mb, true})
			}
			if mark := (strengthening{t, step, memorder.Once, false}); first >= 0 && h.steps[step].n.op.Tag == memorder.Plain && mark.name(h.steps[step].n) != "" {
				marks = append(marks, mark)
			}
		}
	}
	if all := append(marks, fences...); !d.forbidden(fences) {
		if !d.forbidden(all) {
			return nil
		}
		fences = all
	}
	last := slices.Clone(fences)
	slices.SortStableFunc(last, func(a, b strengthening) int { return b.thread - a.thread })
	for _, set := range [][]strengthening{fences, last} {
		if set = d.spared(set); least == nil || len(set) < len(least) {
			least = set
		}
	}
	return least
}

// spared takes away what the others can do without, the first first.
func (d *drawer) spared(set []strengthening) []strengthening {
	for i := 0; i < len(set); {
		if without := slices.Delete(slices.Clone(set), i, i+1); d.forbidden(without) {
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
			if set[i] = s; d.forbidden(set) {
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
		s := strengthening{full.thread, step, tag, false}
		n := h.steps[step].n
		marked := n.op.Tag != memorder.Plain || slices.Contains(set, strengthening{full.thread, step, memorder.Once, false})
		if marked && s.name(n) != "" {
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
		list = append(list, strengthening{full.thread, full.step, tag, true})
	}
	return list
}

// stronger names the primitives that do the same as others, and acquire or release.
var stronger = map[string]map[memorder.Tag]string{
	"READ_ONCE":             {memorder.Acquire: "smp_load_acquire"},
	"read":                  {memorder.Acquire: "smp_load_acquire", memorder.Once: "READ_ONCE"},
	"WRITE_ONCE":            {memorder.Release: "smp_store_release"},
	"write":                 {memorder.Release: "smp_store_release", memorder.Once: "WRITE_ONCE"},
	"atomic_read":           {memorder.Acquire: "atomic_read_acquire"},
	"atomic_set":            {memorder.Release: "atomic_set_release"},
	"smp_cond_load_relaxed": {memorder.Acquire: "smp_cond_load_acquire"},
}

// name is the primitive that makes the strengthening of a step, or "" if there is none.
func (s *strengthening) name(n *node) string {
	if s.fence {
		return map[memorder.Tag]string{memorder.Mb: "smp_mb", memorder.Rmb: "smp_rmb", memorder.Wmb: "smp_wmb"}[s.tag]
	}
	if relaxed, ok := strings.CutSuffix(n.op.Prim, "_relaxed"); ok && n.code == machine.RMW {
		return relaxed + map[memorder.Tag]string{memorder.Acquire: "_acquire", memorder.Release: "_release"}[s.tag]
	}
	return stronger[n.op.Prim][s.tag]
}

// forbidden reports whether the model forbids the execution once it is strengthened.
func (d *drawer) forbidden(set []strengthening) bool {
	x := d.x
	for t := range d.chosen {
		if slices.ContainsFunc(set, func(s strengthening) bool { return s.thread == t }) {
			x = x.WithThread(t, d.strengthened(t, set))
		}
	}
	return x.Check() != memorder.Allowed
}

// strengthened is a thread of the execution with what of the set belongs to it.
func (d *drawer) strengthened(t int, set []strengthening) *memorder.Thread {
	was, is := d.x.Thread(t), &memorder.Thread{}
	last := -1
	for i := range was.Len() {
		e, step := *was.Event(i), d.chosen[t].stepOfEvent[i]
		for _, s := range set {
			switch {
			case s.thread != t || s.step != step:
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
