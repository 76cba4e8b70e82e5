package explore

import (
	"cmp"
	"slices"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// combine chooses a history for every thread, depth first, and has memorder enumerate the executions of each combination.
func (a *axiomatic) combine() {
	for _, p := range a.progs {
		if p.th.task.ID < machine.TaskID(len(a.f.m.Tasks)) {
			a.list = append(a.list, p)
		}
	}
	a.mayRace = a.limits.want == "" || a.limits.want == DataRace
	a.choose(0)
}

// choose picks a history for thread k of the combination and the threads after it.
func (a *axiomatic) choose(k int) {
	if k == len(a.list) {
		a.leaf()
		return
	}
	n := len(a.list)
	for _, h := range a.list[k].histories {
		a.spend(1)
		a.chosen, a.threads = append(a.chosen[:k], h), append(a.threads[:k], h.thread)
		a.list = append(a.list[:n], h.children...)
		a.count(h, 1)
		if a.feasible(k, h) {
			a.choose(k + 1)
		}
		a.count(h, -1)
		a.list = a.list[:n]
		if !a.ok() {
			return
		}
	}
}

func (a *axiomatic) count(h *history, by int) {
	for _, p := range h.gives {
		a.given[p] += by
	}
	for _, n := range h.needs {
		a.needed[n.pair] += by
		if n.atomic {
			a.atomics[n.pair] += by
		}
	}
}

// feasible reports whether everything that threads 0 to k read can still come from somewhere.
func (a *axiomatic) feasible(k int, h *history) bool {
	var chosen tasks
	for _, h := range a.chosen[:k+1] {
		chosen |= one(int(h.p.task))
	}
	for p, n := range a.needed {
		if n == 0 {
			continue
		}
		supply := a.given[p]
		if a.initial[p] {
			supply++
		}
		if supply > 0 && a.atomics[p] <= supply {
			continue
		}
		for task, most := range a.most {
			if !chosen.has(int(task)) && p < len(most) {
				supply += most[p]
			}
		}
		if supply == 0 || a.atomics[p] > supply {
			return false
		}
	}
	return true
}

// leaf enumerates the executions of a combination.
func (a *axiomatic) leaf() {
	for _, h := range a.chosen {
		if h.end == stuck && h.last.code == machine.Acquire &&
			!slices.ContainsFunc(a.chosen, func(o *history) bool { return slices.Contains(o.held, h.last.loc) }) {
			return // nobody holds the lock in the end
		}
	}
	a.spend(1)
	a.examined++
	if a.examined&63 == 0 && a.ctx.Err() != nil {
		return
	}
	if a.enum.Settle == nil {
		a.deriving()
	}
	if a.enum.Spend == nil {
		a.enum.Spend = func() bool { a.sources++; return a.sources%sourcesPerUnit != 0 || a.spent() }
	}
	a.enum.Run(a.threads, a.init, a.candidate)
}

// candidate judges one coherent candidate execution.
func (a *axiomatic) candidate(x *memorder.Execution) bool {
	a.spend(1)
	if a.out.steps++; a.out.steps&255 == 0 {
		if a.ctx.Err() != nil {
			return false
		}
		if a.out.progress != nil {
			a.out.progress(a.out)
		}
	}
	spin := false
	for _, h := range a.chosen {
		if h.end != stuck {
			continue
		}
		if h.last.code == machine.Relax {
			spin = true
			continue
		}
		if v := a.final(x, h.last.loc); v == a.poison || !a.f.move(h.last, v).blocked {
			return true
		}
	}
	races := a.mayRace && a.race == nil
	if !x.Permitted(races) {
		return true
	}
	if spin && a.judge(x) == spins {
		a.out.blocked++
		return a.ok()
	}
	a.out.complete++
	events := 0
	for _, h := range a.chosen {
		events += len(h.steps)
	}
	a.out.events = max(a.out.events, events)
	if a.out.complete >= a.limits.Executions {
		a.out.bound(BoundExecutions)
		a.halt = true
	}
	if a.witness != nil {
		a.witness(x, a.chosen)
	}
	report := a.judge(x)
	if report != nil {
		a.failed(x, report)
	} else if races && x.Races() {
		a.race = a.witnessOf(x, raceReport(a, x))
	}
	return !a.halt
}

// failed keeps a failing execution, and stops if it is what the exploration is looking for.
func (a *axiomatic) failed(x *memorder.Execution, r *Report) {
	if a.out.failing != nil {
		a.out.failing(r)
	}
	if a.seek != "" {
		if d := a.draw(x, r); a.f.traceHash(d.trail) == a.seek {
			w := d.witness()
			w.overtaking, w.early = a.overtakes(x)
			a.out.fail, a.out.weak, a.halt = r, w, true
		}
		return
	}
	if a.out.fail == nil || r.Kind == a.limits.want || slices.Compare(a.path, a.out.weak.path) < 0 {
		if w := a.witnessOf(x, r); a.out.fail == nil || w.before(a.out.weak, a.limits.want) {
			w.overtaking, w.early = a.overtakes(x)
			a.out.fail, a.out.weak = w.report, w
		}
	}
	a.halt = a.limits.want == "" || r.Kind == a.limits.want
}

// last returns the newest write to a location.
func (a *axiomatic) newest(x *memorder.Execution, loc int32) (memorder.AccessID, bool) {
	n, ok := a.numbers[loc]
	if !ok {
		return memorder.Initial, false
	}
	order := x.Order(n)
	if len(order) == 0 {
		return memorder.Initial, false
	}
	return order[len(order)-1], true
}

// final returns what a location holds in the end.
func (a *axiomatic) final(x *memorder.Execution, loc int32) value {
	if s := a.f.sems[loc]; s != nil && !s.whole {
		return a.heldBy(x, s)
	}
	if w, ok := a.newest(x, loc); ok {
		return a.chosen[w.Thread()].news[w.Access()]
	}
	return a.f.inits[loc]
}

// judge looks for a failure in an allowed execution.
func (a *axiomatic) judge(x *memorder.Execution) *Report {
	if r := a.usedAfterFree(x); r != nil {
		return r
	}
	for _, h := range a.chosen {
		if h.end == failed {
			r := *h.report
			return &r
		}
	}
	s := newState(a.f)
	s.extend()
	var waiting tasks
	var open machine.Sections
	for _, h := range a.chosen {
		t := int(h.p.task)
		s.at[t] = h.last
		if h.end == stuck {
			waiting |= one(t)
		}
		open[t] = a.f.values[h.sections].(machine.Sections)[t]
		for _, obj := range h.frees {
			s.freed[obj] = true
		}
	}
	for _, loc := range a.locs {
		if loc >= 0 {
			s.mem[loc] = a.final(x, loc)
		}
	}
	s.mem[a.f.m.Sections.ID] = a.f.intern(open)
	if a.out.final != nil {
		a.out.final(s)
	}
	r, err := s.verdict(waiting)
	a.err = cmp.Or(a.err, err)
	return r
}

// usedAfterFree finds objects that are freed twice, and stores and spinlocks that reach an object after it was freed.
func (a *axiomatic) usedAfterFree(x *memorder.Execution) *Report {
	var freed []int32
	for _, h := range a.chosen {
		for i := range h.steps {
			t := &h.steps[i]
			if t.gone {
				return useAfterFree(t.n)
			}
			if t.how == howFree {
				if slices.Contains(freed, t.n.obj) {
					return useAfterFree(t.n)
				}
				freed = append(freed, t.n.obj)
			}
		}
	}
	if freed == nil {
		return nil
	}
	for l := range a.locs {
		gone := false
		for _, w := range x.Order(l) {
			h := a.chosen[w.Thread()]
			t := &h.steps[h.stepOf[w.Access()]]
			if gone && t.how != howFree {
				return useAfterFree(t.n)
			}
			gone = gone || t.how == howFree
		}
	}
	return nil
}
