package explore

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// A row is one step of a trace.
type row struct {
	number  int
	where   string // file and line
	lane    int
	what    string // the kernel primitive, with what it read
	changed string // what it changed
}

// lanes draws an execution: one row for each step, one column for each task, what changed on the right. Only steps that
// change something are shown, and those that read what another task writes; left says how many others there are.
// notes are what there is to say about single steps, by their place in the trail.
func (f *forest) lanes(trail []event, fail *Report, notes map[int]string) (drawing string, left int) {
	var moved tasks
	for i := range trail {
		moved |= one(trail[i].task())
	}
	var names []string
	lane := map[int]int{}
	for ; moved != 0; moved = moved.rest() {
		lane[moved.first()] = len(names)
		names = append(names, f.taskName(machine.TaskID(moved.first())))
	}
	writers := writersOf(trail)
	inside := map[int][]string{} // by task: the primitives that its last row is part of
	var rows []row
	for i := range trail {
		e := &trail[i]
		failed := fail != nil && i == len(trail)-1 && fail.node == e.n
		if !failed && notes[i] == "" && !telling(e, writers) {
			left++
			continue
		}
		r := row{number: i + 1, where: e.n.op.Pos.String(), lane: lane[e.task()], what: f.what(e, inside), changed: f.changed(e)}
		if notes[i] != "" {
			r.changed = strings.TrimPrefix(r.changed+"; "+notes[i], "; ")
		}
		if failed {
			r.changed = "<-- " + string(fail.Kind)
		}
		rows = append(rows, r)
	}
	return draw(names, rows), left
}

// writersOf returns for each location the tasks that write it in the execution.
func writersOf(trail []event) map[int32]tasks {
	writers := map[int32]tasks{}
	for i := range trail {
		if e := &trail[i]; e.n.loc >= 0 && e.n.access != machine.Reads {
			writers[e.n.loc] |= one(e.task())
		}
	}
	return writers
}

// telling reports whether a step belongs into the drawing.
func telling(e *event, writers map[int32]tasks) bool {
	switch e.n.code {
	case machine.Fence:
		return false
	case machine.Load, machine.Await, machine.Query, machine.Store, machine.RMW:
		return e.old != e.new || writers[e.n.loc]&^one(e.task()) != 0
	}
	return true
}

// what names the step: the outermost kernel primitive that has no row yet. What belongs to one that has is indented.
func (f *forest) what(e *event, inside map[int][]string) string {
	calls := e.n.op.Calls
	was := inside[e.task()]
	level := 0
	for level < len(calls) && level < len(was) && was[level] == calls[level].Func && !entered(e.n, was[level]) {
		level++
	}
	is := make([]string, len(calls))
	for i := range calls {
		is[i] = calls[i].Func
	}
	inside[e.task()] = is
	indent := strings.Repeat("  ", level)
	switch {
	case e.n.code == machine.Choose || level == len(calls):
		return indent + f.primitive(e) + f.result(e, " = ")
	case is[level] == e.n.op.Prim || e.n.op.Loc == nil || e.n.code == machine.Acquire:
		return indent + f.call(&calls[level]) + f.result(e, " = ")
	}
	call, loc := f.call(&calls[level]), e.n.op.Loc.String()
	if strings.Contains(call, loc) {
		return indent + call + f.result(e, " reads ")
	}
	return indent + call + f.result(e, " reads "+loc+" = ")
}

// entered reports whether the task entered fn just before the step: a repeated call, not the rest of the last one.
func entered(n *node, fn string) bool {
	return slices.ContainsFunc(n.notes, func(note machine.Note) bool { return !note.Leave && note.Call.Func == fn })
}

// result returns what the step returned, unless the drawing says it elsewhere.
func (f *forest) result(e *event, prefix string) string {
	if !f.showsResult(e) {
		return ""
	}
	return prefix + f.describe(f.values[e.ret])
}

// showsResult reports whether a reader of the trace wants to know what the step returned.
func (f *forest) showsResult(e *event) bool {
	switch e.n.code {
	case machine.Choose, machine.Load, machine.Await, machine.Query:
		return e.to != nil
	case machine.RMW:
		return e.to != nil && e.old == e.new
	case machine.Acquire:
		return e.n.op.Anytime && e.to != nil
	}
	return false
}

func (f *forest) call(c *machine.Call) string {
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		args[i] = f.describe(a)
	}
	return c.Func + "(" + strings.Join(args, ", ") + ")"
}

func (f *forest) primitive(e *event) string {
	op := e.n.op
	switch op.Code {
	case machine.Store:
		return fmt.Sprintf("%s(%s, %s)", op.Prim, op.Loc, f.describe(op.Arg))
	case machine.RMW:
		return fmt.Sprintf("%s(%s, %s)", op.Prim, op.Loc, strings.Trim(f.describe(op.Arg), "{}"))
	case machine.Enter, machine.Leave, machine.Begin, machine.End, machine.Fork:
		return op.Prim + "()"
	case machine.Alloc:
		return fmt.Sprintf("%s() = %s", op.Prim, op.Obj)
	}
	return op.String()
}

// changed says what the step changed.
func (f *forest) changed(e *event) string {
	op, name := e.n.op, e.n.thread.task.Name
	switch {
	case op.Code == machine.Free:
		return op.Obj.Name + " is free"
	case op.Code == machine.Enter || op.Code == machine.Leave:
		sections, ok := f.values[e.new].(machine.Holder)
		if !ok {
			return "" // under LKMM: the step is an error
		}
		held := sections.HeldBy(machine.TaskID(e.task()))
		if held == "" {
			held = "in no section"
		}
		return name + " " + held
	case op.Code == machine.Fork:
		return "starts " + e.child.task.Name
	case op.Code == machine.Begin:
		return "waits for: " + f.describe(f.values[e.ret])
	case op.Loc == nil || e.old == e.new:
		return ""
	}
	now := f.describe(f.values[e.new])
	if _, lock := f.values[e.new].(machine.Describer); lock {
		return fmt.Sprintf("%s %s", op.Loc, now)
	}
	return fmt.Sprintf("%s: %s -> %s", op.Loc, f.describe(f.values[e.old]), now)
}

// draw lays rows out in columns.
func draw(names []string, rows []row) string {
	where := 0
	width := make([]int, len(names))
	for i, n := range names {
		width[i] = utf8.RuneCountInString(n)
	}
	for _, r := range rows {
		where = max(where, utf8.RuneCountInString(r.where))
		width[r.lane] = max(width[r.lane], utf8.RuneCountInString(r.what))
	}
	var b strings.Builder
	line := func(number, at string, cells []string, changed string) {
		text := fmt.Sprintf("%4s  %s", number, pad(at, where))
		for i, c := range cells {
			text += "  " + pad(c, width[i])
		}
		b.WriteString(strings.TrimRight(text+"  "+changed, " ") + "\n")
	}
	line("", "", names, "")
	for _, r := range rows {
		cells := make([]string, len(names))
		cells[r.lane] = r.what
		line(fmt.Sprint(r.number), r.where, cells, r.changed)
	}
	return b.String()
}

func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s)))
}
