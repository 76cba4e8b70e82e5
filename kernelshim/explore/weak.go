package explore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/mmvet/mmvet/memorder"
)

// DataRace is a failure of LKMM scenarios: two accesses to a word, at least one of them plain and one a write, that nothing
// orders; tools/memory-model/Documentation/explanation.txt, "PLAIN ACCESSES AND DATA RACES".
const DataRace Kind = "data-race"

// A witness is a failing execution under LKMM, drawn.
type witness struct {
	f      *forest
	report *Report
	trail  []event
	notes  map[int]string // by place in the trail: what is weak about the step
	weak   int            // such reads
	drawer *drawer        // tells what reads saw, and what would have them see something else
	path   []uint16       // of revisits: where the execution is found
	wholes []string       // locks that were known to be whole there
	recipe string         // of samples

	overtaking bool // it takes a store that overtakes an earlier read
	early      bool // it takes a read that does
	chosen     bool // others are easier to read, and are in doubt
}

// raceReport names the two accesses of a data race.
func raceReport(a *axiomatic, x *memorder.Execution) *Report {
	from, to, _ := x.Race()
	n, other := a.nodeOf(from), a.nodeOf(to)
	task := func(n *node) string { return n.thread.task.Name }
	r := &Report{Kind: DataRace, Task: task(other), Pos: other.op.Pos, node: other}
	r.Text = fmt.Sprintf("%s by %s and %s by %s: nothing orders them, and one is plain", n.op, task(n), other.op, task(other))
	r.Related = []Related{{"races with this " + n.op.Prim, task(n), n.op.Pos}}
	return r
}

func (a *axiomatic) nodeOf(id memorder.AccessID) *node {
	h := a.chosen[id.Thread()]
	return h.steps[h.stepOf[id.Access()]].n
}

// witnessOf draws the execution, and tells what its reads saw and why.
func (a *axiomatic) witnessOf(x *memorder.Execution, r *Report) *witness {
	d := a.draw(x, r)
	return d.witness()
}

// draw puts the steps of an execution into an order that program order, and as far as possible what reads saw and the
// order of writes, is consistent with.
func (a *axiomatic) draw(x *memorder.Execution, r *Report) *drawer {
	d := &drawer{a: a, x: x, chosen: a.chosen, r: r, at: make([]int, len(a.chosen)),
		rows: make([][]int, len(a.chosen)), row: map[memorder.AccessID]int{}, notes: map[int]string{}, held: map[*sem]value{},
		strict: a.strict}
	for last := 0; ; {
		t := d.pick(last)
		if t < 0 {
			break
		}
		d.emit(t)
		last = t
	}
	d.faults()
	return d
}

func (d *drawer) witness() *witness {
	d.settle()
	return &witness{f: d.a.f, report: d.r, trail: d.trail, notes: d.notes, weak: d.weakReads, path: slices.Clone(d.a.path),
		wholes: d.a.f.wholes(), recipe: d.a.recipe, drawer: d}
}

// settle keeps the execution, which the engine is about to change: most witnesses are drawn only to be compared.
func (d *drawer) settle() {
	d.x = d.x.Copy()
	d.chosen = slices.Clone(d.chosen)
}

// A drawer puts the steps of an execution into a row.
type drawer struct {
	a      *axiomatic
	x      *memorder.Execution
	chosen []*history
	r      *Report
	at     []int   // by thread: steps emitted
	rows   [][]int // by thread and step of its history
	row    map[memorder.AccessID]int
	trail  []event
	notes  map[int]string
	held   map[*sem]value
	strict strictness // of x

	weakReads int
}

// pick chooses the thread to go on with: the same one if it can, and if nobody can, somebody who breaks fr, then co, then rf.
func (d *drawer) pick(last int) int {
	for strict := 3; strict >= 0; strict-- {
		for i := range d.at {
			t := (last + i) % len(d.at)
			if d.at[t] < len(d.chosen[t].steps) && d.ready(t, strict) {
				return t
			}
		}
	}
	return -1
}

// ready reports whether everything that the next step of t follows was emitted: by rf, co and fr as strict says.
func (d *drawer) ready(t, strict int) bool {
	h := d.chosen[t]
	if h.p.th != nil && d.at[t] == 0 && !d.started(t) {
		return false
	}
	for j, step := range h.stepOf {
		if step != d.at[t] {
			continue
		}
		id := memorder.ID(t, j)
		e := d.x.Event(id)
		if e.Reads() && strict >= 1 {
			if src, ok := d.x.Source(id); ok && src != memorder.Initial && src.Thread() != t && !d.emitted(src) {
				return false
			}
		}
		if e.Writes() && !d.turn(id, strict) {
			return false
		}
	}
	return true
}

// started reports whether the task that asked for a callback has done so.
func (d *drawer) started(t int) bool {
	for i, h := range d.chosen {
		for j := range h.steps {
			if h.steps[j].child == d.chosen[t].p.th {
				return d.at[i] > j
			}
		}
	}
	return true
}

// turn reports whether the write may be drawn: after the older writes, and after the reads that did not see it.
func (d *drawer) turn(id memorder.AccessID, strict int) bool {
	loc := d.x.Event(id).Loc
	rank := map[memorder.AccessID]int{memorder.Initial: 0}
	for i, w := range d.x.Order(loc) {
		rank[w] = i + 1
		if strict >= 2 && w != id && rank[id] == 0 && !d.emitted(w) {
			return false
		}
	}
	if strict < 3 {
		return true
	}
	for t, h := range d.chosen {
		for j := range h.stepOf {
			r := memorder.ID(t, j)
			if t == id.Thread() || !d.x.Event(r).Reads() || d.x.Event(r).Loc != loc || d.emitted(r) {
				continue
			}
			if src, ok := d.x.Source(r); ok && rank[src] < rank[id] {
				return false
			}
		}
	}
	return true
}

func (d *drawer) emitted(id memorder.AccessID) bool {
	return d.chosen[id.Thread()].stepOf[id.Access()] < d.at[id.Thread()]
}

// emit adds the next step of a thread to the trail.
func (d *drawer) emit(t int) {
	h := d.chosen[t]
	i := d.at[t]
	s := &h.steps[i]
	e := event{n: s.n, old: s.old, new: s.new, ret: s.ret}
	if s.gone {
		d.notes[len(d.trail)] = "<-- reads free memory"
	}
	for k := range s.n.kids {
		if s.n.kids[k].by == s.ret {
			e.to, e.child = s.n.kids[k].to, s.n.kids[k].child
		}
	}
	at := len(d.trail)
	switch s.how {
	case howRead, howFailed, howLockFail, howIsLocked, howIsUnlocked:
		e.new = e.old
	}
	for j, step := range h.stepOf {
		if step != i {
			continue
		}
		id := memorder.ID(t, j)
		ev := d.x.Event(id)
		if ev.Writes() {
			e.old = d.before(id, e.old)
		}
		if ev.Reads() {
			if note := d.weak(id); note != "" {
				d.notes[at] = note
				d.weakReads++
			}
		}
		d.row[id] = at + 1
	}
	d.hold(&e)
	d.trail = append(d.trail, e)
	d.rows[t] = append(d.rows[t], at+1)
	d.at[t]++
}

// hold has a step on a lock whose readers commute show who holds it, as far as the execution is drawn.
func (d *drawer) hold(e *event) {
	s := e.n.sem
	if s == nil || s.whole || e.old == d.a.poison {
		return
	}
	held, ok := d.held[s]
	if !ok {
		held = d.a.f.inits[s.loc]
	}
	if mv := d.a.f.move(e.n, held); !mv.blocked && mv.fault == nil && mv.ret == e.ret {
		e.old, e.new = held, mv.new
		d.held[s] = mv.new
	}
}

// before returns what the location held before a write.
func (d *drawer) before(id memorder.AccessID, old value) value {
	loc := d.x.Event(id).Loc
	h := d.chosen[id.Thread()]
	if h.locs[id.Access()] < 0 || h.steps[h.stepOf[id.Access()]].how == howFree {
		return old
	}
	v := d.a.f.inits[d.a.locs[loc]]
	for _, w := range d.x.Order(loc) {
		if w == id {
			break
		}
		v = d.chosen[w.Thread()].news[w.Access()]
	}
	return v
}

// weak says what a read saw if that is not the newest write drawn above it.
func (d *drawer) weak(id memorder.AccessID) string {
	src, ok := d.x.Source(id)
	if !ok || d.x.Event(id).Kind == memorder.LockRead {
		return ""
	}
	if src != memorder.Initial && src.Thread() != id.Thread() && !d.emitted(src) {
		return fmt.Sprintf("sees the store of %s at %s, drawn below", d.who(src), d.a.nodeOf(src).op.Pos)
	}
	missed := memorder.Initial
	passed := src == memorder.Initial
	for _, w := range d.x.Order(d.x.Event(id).Loc) {
		if passed && d.emitted(w) {
			missed = w
		}
		passed = passed || w == src
	}
	if missed == memorder.Initial {
		return ""
	}
	saw := "the initial value"
	if src != memorder.Initial {
		saw = fmt.Sprintf("row %d", d.row[src])
	}
	return fmt.Sprintf("WEAK: sees %s, misses row %d", saw, d.row[missed])
}

func (d *drawer) who(id memorder.AccessID) string {
	return d.chosen[id.Thread()].p.th.task.Name
}

// faults adds the step that fails, if the execution stops there.
func (d *drawer) faults() {
	for _, h := range d.chosen {
		if h.end == failed && h.report.node == d.r.node {
			if n := len(h.steps); n > 0 && h.steps[n-1].n == d.r.node {
				return
			}
			d.trail = append(d.trail, event{n: d.r.node})
			return
		}
	}
}

// weakFailure makes the failure to show: the easiest to read of those like the first one found.
func (c *config) weakFailure(ctx context.Context, name string, f *forest, w *witness) (*Failure, error) {
	all := false
	if !c.any {
		var err error
		if w, all, err = shrunk(ctx, f, c.limits, w); err != nil {
			return nil, err
		}
	}
	fail := w.f.weakFailure(name, w)
	fail.Shortest, fail.chosen = all && w.path != nil, w.chosen
	return fail, nil
}

func (f *forest) weakFailure(name string, w *witness) *Failure {
	fail := &Failure{Report: *w.report, Steps: len(w.trail), Weak: w.weak, Overtaking: w.overtaking, Early: w.early, carried: f.depends == CarriedOnly}
	f.locate(&fail.Report, w.trail)
	fail.Lanes, fail.Left = f.lanes(w.trail, w.report, w.notes)
	if w.weak > 0 || w.report.Kind == DataRace {
		fail.remedies = sync.OnceValue(w.drawer.remedies)
	}
	fail.trail = sync.OnceValue(func() []Step {
		notes := maps.Clone(w.notes)
		remedies := fail.Remedies()
		for i := range remedies {
			r := &remedies[i]
			notes[r.Step-1] = strings.TrimPrefix(notes[r.Step-1]+"; "+r.note(fail.Kind, len(remedies)), "; ")
		}
		return f.steps(w.trail, w.report, notes, w.drawer.sights())
	})
	fail.Replay = f.weakReplay(name, w)
	return fail
}
