package explore

import (
	"slices"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// A monitor judges the notes of tasks: which kernel functions they enter and leave. The one there is, lockdep, asks package
// lockorder; nothing in this package knows a lock rule. States are immutable and compared by identity.
type monitor interface {
	// start returns the state of a task that has done nothing.
	start(task *machine.Task) any

	// note returns the state after a note, and what the note violates. Conditions of a contract may read memory by peek.
	note(state any, task *machine.Task, note machine.Note, peek peek) (any, []Report)

	// end returns what a task violates by ending in a state.
	end(state any, task *machine.Task) []Report
}

// A peek reads what a location holds now.
type peek func(*machine.Loc) any

// A ruling is what the monitor said about a node's notes: it depends on the monitor's state before them and on what the
// notes' conditions read, mostly nothing. So the monitor is asked once for each history, not once for each execution.
type ruling struct {
	before any
	read   []seen
	after  any
	finds  []Report
}

// A seen is a location that a ruling read, with what it held.
type seen struct {
	loc  *machine.Loc
	held value
}

// A memory is what the conditions of a contract look at.
type memory interface{ get(loc int32) value }

// rule judges the notes with which a task arrives at n, in the monitor's state before. Findings do not stop an execution:
// they are collected, each once.
func (f *forest) rule(n *node, before any, mem memory) (after any, finds []Report) {
	if f.monitor == nil || n.thread == f.final {
		return nil, nil
	}
	for i := range n.rulings {
		r := &n.rulings[i]
		if r.before == before && !slices.ContainsFunc(r.read, func(x seen) bool { return mem.get(int32(x.loc.ID)) != x.held }) {
			return r.after, r.finds
		}
	}
	r := ruling{before: before, after: before}
	task := n.thread.task
	if n.up == nil {
		r.after = f.monitor.start(task)
	}
	look := func(l *machine.Loc) any {
		v := mem.get(int32(l.ID))
		r.read = append(r.read, seen{l, v})
		return f.values[v]
	}
	for _, note := range n.notes {
		var finds []Report
		r.after, finds = f.monitor.note(r.after, task, note, look)
		r.finds = append(r.finds, finds...)
	}
	if n.op == nil {
		r.finds = append(r.finds, f.monitor.end(r.after, task)...)
	}
	for i := range r.finds {
		find := &r.finds[i]
		find.node = n
		same := func(r Report) bool { return r.Pos == find.Pos && r.Text == find.Text && r.Task == find.Task }
		if !slices.ContainsFunc(f.finds, same) {
			f.finds = append(f.finds, *find)
		}
	}
	n.rulings = append(n.rulings, r)
	return r.after, r.finds
}
