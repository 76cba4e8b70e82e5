package explore

import (
	"context"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// dpor is the engine for sequential consistency: depth-first over interleavings, one for each class of interleavings that
// differ only in the order of steps that commute (Mazurkiewicz traces).
//
// It is the source-set reduction of Abdulla, Aronis, Jonsson and Sagonas (J. ACM 64(4), 2017) with sleep sets. At a
// state only one task is tried at first. When a step turns out to conflict with an earlier one that it need not follow (a
// race), the state before the earlier step must also be left by a task that leads to the reverse order (backtrack). A
// task that was tried sleeps in what follows until a conflicting step wakes it, so that no class is run twice to its end.
//
// Steps that wait make races subtle: a lock's acquire races with the earlier acquire, not with the release between
// (coenabled), and a race may have no reverse in this execution because what enables the step comes after the other
// (reversible); then the state is left by more tasks.
type dpor struct {
	f      *forest
	s      *state
	ctx    context.Context
	limits Limits
	out    *outcome
	stack  []frame
	clocks [machine.MaxTasks]clock // of each task's last event, or of the fork of a task that has none
	err    error
	halt   bool
}

// A clock says for each task how many of the first events on the stack are known to be ordered before: 1 + the index of
// that task's last such event.
type clock [machine.MaxTasks]int32

func (c *clock) join(d *clock) {
	for i := range c {
		c[i] = max(c[i], d[i])
	}
}

// A frame is a state on the stack with the event that now leaves it.
type frame struct {
	ev        event
	clock     clock // of ev
	enabled   tasks
	backtrack tasks // to be tried
	done      tasks // tried
}

func (*dpor) name(Dependencies) string { return "sequential consistency, source-set DPOR" }

func (d *dpor) explore(ctx context.Context, f *forest, limits Limits, out *outcome) error {
	*d = dpor{f: f, s: newState(f), ctx: ctx, limits: limits, out: out}
	d.visit(0, 0)
	return d.err
}

// visit explores everything from the current state except what starts with sleeping tasks. last is the task that moved.
func (d *dpor) visit(sleep tasks, last int) {
	enabled, waiting := d.s.enabled()
	switch {
	case d.interrupted():
		return
	case enabled == 0:
		d.end(waiting)
		return
	case enabled&^sleep == 0:
		d.out.redundant++
		return
	case d.tooLong(last):
		d.out.cut++
		return
	}
	i := len(d.stack)
	d.stack = append(d.stack, frame{enabled: enabled, backtrack: one(pick(enabled&^sleep, last))})
	for !d.halt {
		todo := d.stack[i].backtrack &^ (d.stack[i].done | sleep)
		if todo == 0 {
			break
		}
		t := todo.first()
		for c := range d.s.choices(t) {
			if !d.halt {
				d.take(t, c, sleep|d.stack[i].done)
			}
		}
		d.stack[i].done |= one(t)
	}
	d.stack = d.stack[:i]
}

// take lets task t take its next step, explores what follows, and takes the step back.
func (d *dpor) take(t, choice int, sleep tasks) {
	ev, err := d.s.step(t, choice)
	if err != nil {
		d.err, d.halt = err, true
		return
	}
	fr := &d.stack[len(d.stack)-1]
	fr.ev = ev
	d.out.steps++
	d.races(t, ev.n)
	if ev.fail != nil {
		d.failed(*ev.fail)
		d.s.undo(&ev)
		return
	}
	was := d.clocks[t]
	fr.clock = d.order(t, ev.n)
	d.clocks[t] = fr.clock
	if ev.child != nil {
		d.clocks[ev.child.task.ID] = fr.clock
	}
	awake := sleep
	for q := sleep; q != 0; q = q.rest() {
		if dependent(ev.n, d.s.at[q.first()]) {
			awake &^= one(q.first())
		}
	}
	d.visit(awake, t)
	d.clocks[t] = was
	d.s.undo(&ev)
}

// order returns the clock of task t's step n, which is the last on the stack: after t's previous step and after all
// steps that conflict with it.
func (d *dpor) order(t int, n *node) clock {
	c := d.clocks[t]
	top := len(d.stack) - 1
	for i := top - 1; i >= 0; i-- {
		e := &d.stack[i]
		if q := e.ev.task(); c[q] <= int32(i) && dependent(e.ev.n, n) {
			c.join(&e.clock)
		}
	}
	c[t] = int32(top + 1)
	return c
}

// races looks for earlier steps that conflict with task t's step n, the last on the stack, and that could have come after
// it: not ordered before t's past, and not before another such step.
func (d *dpor) races(t int, n *node) {
	if n.loc < 0 && n.obj < 0 {
		return
	}
	cover := d.clocks[t]
	for i := len(d.stack) - 2; i >= 0; i-- {
		e := &d.stack[i]
		if cover[e.ev.task()] > int32(i) || !dependent(e.ev.n, n) || !coenabled(e.ev.n, n) {
			continue
		}
		if d.reversible(i, n) {
			d.tryFirst(i, d.initials(i, n))
			cover.join(&e.clock)
		} else {
			d.tryFirst(i, d.leads(i, t))
		}
	}
}

// tryFirst has the state before stack[i] left by one of a set of tasks, each of which leads to the race reversed.
func (d *dpor) tryFirst(i int, by tasks) {
	fr := &d.stack[i]
	switch by &= fr.enabled; {
	case by == 0:
		fr.backtrack |= fr.enabled
	case by&fr.backtrack == 0:
		fr.backtrack |= one(by.first())
	}
}

// after reports whether stack[j] is ordered after stack[i].
func (d *dpor) after(j, i int) bool { return d.stack[j].clock[d.stack[i].ev.task()] > int32(i) }

// reversible reports whether step n, the last on the stack, is enabled without stack[i] and all that is ordered after it.
func (d *dpor) reversible(i int, n *node) bool {
	if n.loc < 0 || n.op.Do == nil {
		return true
	}
	v, known := value(0), false
	for j := i; j < len(d.stack); j++ {
		ev := &d.stack[j].ev
		if ev.n.loc != n.loc {
			continue
		}
		if !known {
			v, known = ev.old, true
		}
		if j == len(d.stack)-1 || j > i && !d.after(j, i) {
			mv := d.f.move(ev.n, v)
			if mv.blocked || mv.fault != nil {
				return false
			}
			v = mv.new
		}
	}
	return true
}

// initials returns the tasks that can start the execution of what follows stack[i] but is not ordered after it, with n
// at the end: tasks whose first step there is not ordered after another's.
func (d *dpor) initials(i int, n *node) (set tasks) {
	var seen tasks
	var first [machine.MaxTasks]int32
	top := len(d.stack) - 1
	for j := i + 1; j <= top; j++ {
		t, c := d.stack[j].ev.task(), &d.stack[j].clock
		if j == top {
			now := d.order(t, n)
			c = &now
		} else if d.after(j, i) {
			continue
		}
		if seen.has(t) {
			continue
		}
		start := true
		for q := seen; q != 0; q = q.rest() {
			start = start && c[q.first()] <= first[q.first()]
		}
		if start {
			set |= one(t)
		}
		seen |= one(t)
		first[t] = int32(j)
	}
	return set
}

// leads returns t and the tasks with a step after stack[i] that t's past depends on.
func (d *dpor) leads(i, t int) (set tasks) {
	for r, c := range d.clocks[t] {
		if r == t || c > int32(i)+1 {
			set |= one(r)
		}
	}
	return set
}

// end checks a final state: no task can move.
func (d *dpor) end(waiting tasks) {
	fail, err := d.s.verdict(waiting)
	if err != nil {
		d.err, d.halt = err, true
		return
	}
	if fail == spins {
		d.out.redundant++
		return
	}
	if fail != nil {
		d.failed(*fail)
		return
	}
	d.out.complete++
	d.out.events = max(d.out.events, len(d.stack))
	if d.out.final != nil {
		d.out.final(d.s)
	}
}

// failed records a failing execution, and stops if it is what the exploration is looking for.
func (d *dpor) failed(r Report) {
	d.out.events = max(d.out.events, len(d.stack))
	if d.out.fail == nil || r.Kind == d.limits.want {
		d.out.trail, d.out.fail = d.trail(), &r
	}
	d.halt = d.limits.want == "" || r.Kind == d.limits.want
	if d.out.failing != nil {
		d.out.failing(&r)
	}
}

func (d *dpor) trail() []event {
	trail := make([]event, len(d.stack))
	for i := range d.stack {
		trail[i] = d.stack[i].ev
	}
	return trail
}

// interrupted reports whether a limit of the whole exploration is reached. It also reports progress.
func (d *dpor) interrupted() bool {
	look := d.out.steps%lookEvery == 0
	if look && d.out.progress != nil {
		d.out.whole = float64(d.out.complete) / max(d.part(), 1e-9)
		d.out.progress(d.out)
	}
	var hit Bound
	switch {
	case d.halt:
		return true
	case d.out.complete+d.out.redundant+d.out.cut >= d.limits.Executions:
		hit = BoundExecutions
	case look && d.ctx.Err() != nil:
		hit = boundOf(d.ctx)
	default:
		return false
	}
	d.out.bound(hit)
	d.halt = true
	return true
}

// part estimates how much of the tree is done, as if each task to try at a state led to as many executions as the others.
func (d *dpor) part() (done float64) {
	w := 1.0
	for i := 0; i < len(d.stack) && w > 1e-12; i++ {
		fr := &d.stack[i]
		all := float64((fr.backtrack | fr.done).count())
		done += w / all * float64(fr.done.count())
		w /= all
	}
	return done
}

// tooLong reports whether the task that moved last has used up its steps.
func (d *dpor) tooLong(last int) bool {
	if n := d.s.at[last]; n == nil || n.depth < d.limits.Steps {
		return false
	}
	d.out.bound(BoundSteps)
	return true
}

// pick prefers the task that moved last: fewer switches are easier to read.
func pick(from tasks, last int) int {
	if from.has(last) {
		return last
	}
	return from.first()
}
