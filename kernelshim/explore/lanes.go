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
	where   string // file and line
	lane    int
	what    string // the kernel primitive, with what it read
	changed string // what it changed
}

// lanes draws an execution: one row for each step, one column for each task, what changed on the right. Steps that show
// nothing under sequential consistency, fences, are left out.
func (f *forest) lanes(trail []event, fail *Report) string {
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
	var rows []row
	inside := map[int]*machine.Call{} // by task: the primitive that its last row is part of
	for i := range trail {
		e := &trail[i]
		failed := fail != nil && i == len(trail)-1 && fail.node == e.n
		if e.n.code == machine.Fence && !failed {
			continue
		}
		r := row{where: e.n.op.Pos.String(), lane: lane[e.task()], what: f.what(e, inside)}
		switch {
		case failed:
			r.changed = "<-- " + string(fail.Kind)
		default:
			r.changed = f.changed(e)
		}
		rows = append(rows, r)
	}
	return draw(names, rows)
}

// what names the step: the outermost kernel primitive, or what is inside of it if that has its row already.
func (f *forest) what(e *event, inside map[int]*machine.Call) string {
	calls := e.n.op.Calls
	text := f.primitive(e)
	if e.n.code == machine.Choose {
		return text + " = " + f.describe(f.values[e.ret])
	}
	if len(calls) > 0 {
		c := &calls[0]
		was := inside[e.task()]
		inside[e.task()] = c
		if was != nil && was.Func == c.Func && was.Pos == c.Pos && !entered(e.n, c) {
			if len(calls) > 1 {
				text = f.call(&calls[1])
			}
			text = "  " + text
		} else {
			text = f.call(c)
		}
	} else {
		delete(inside, e.task())
	}
	if f.showsResult(e) {
		text += " = " + f.describe(f.values[e.ret])
	}
	return text
}

// entered reports whether the task entered c just before the step: a repeated call, not the rest of the last one.
func entered(n *node, c *machine.Call) bool {
	return slices.ContainsFunc(n.notes, func(note machine.Note) bool {
		return !note.Leave && note.Call.Func == c.Func && note.Call.Pos == c.Pos
	})
}

// showsResult reports whether a reader of the trace wants to know what the step returned.
func (f *forest) showsResult(e *event) bool {
	switch e.n.code {
	case machine.Load, machine.RMW, machine.Await, machine.Query:
		return e.to != nil
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
		held := f.values[e.new].(machine.Holder).HeldBy(machine.TaskID(e.task()))
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
	for i, r := range rows {
		cells := make([]string, len(names))
		cells[r.lane] = r.what
		line(fmt.Sprint(i+1), r.where, cells, r.changed)
	}
	return b.String()
}

func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s)))
}
