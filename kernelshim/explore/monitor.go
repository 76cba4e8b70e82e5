package explore

import (
	"slices"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// A Monitor decides lock rules. A task's locks are a function of its local history, so the monitor's state is kept in the
// tries: it is asked once for each history, not once for each execution.
//
// The monitor that Check uses is lockdep (lockdep.go), which asks package lockorder. Nothing in this package knows a rule.
type Monitor interface {
	// Start returns the state of a task that has done nothing.
	Start(task *machine.Task) any

	// Note returns the state after a note, without changing the old one, and what the note violates.
	Note(state any, task *machine.Task, note machine.Note) (any, []Report)

	// End returns what a task violates that ends in this state.
	End(state any, task *machine.Task) []Report
}

// watch shows the notes of a new node to the monitor.
func (f *forest) watch(n *node) {
	if f.monitor == nil || n.thread == f.final {
		return
	}
	task := n.thread.task
	if n.up == nil {
		n.rules = f.monitor.Start(task)
	} else {
		n.rules = n.up.rules
	}
	for _, note := range n.notes {
		var finds []Report
		n.rules, finds = f.monitor.Note(n.rules, task, note)
		n.finds = append(n.finds, finds...)
	}
	if n.op == nil {
		n.finds = append(n.finds, f.monitor.End(n.rules, task)...)
	}
	for i := range n.finds {
		n.finds[i].node = n
		same := func(r Report) bool { return r.Pos == n.finds[i].Pos && r.Text == n.finds[i].Text }
		if !slices.ContainsFunc(f.finds, same) {
			f.finds = append(f.finds, n.finds[i])
		}
	}
}
