package kernelshim

import (
	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// do takes one step of the running task: the only way from the shim into an engine.
func do(prim string, op *machine.Op) any {
	op.Prim = prim
	return machine.Current(prim).Do(op)
}

// A cell is a location with a state of type S: what all locks and words are made of.
type cell[S comparable] struct {
	loc  *machine.Loc
	init S
}

// Bind implements machine.Cell: New and Alloc call it with the name of the field.
func (c *cell[S]) Bind(m *machine.Machine, obj *machine.Object, name string) {
	c.loc = m.NewLoc(obj, name, c.init)
}

// Location implements machine.Located.
func (c *cell[S]) Location() *machine.Loc { return c.loc }

// String returns the cell's name, "mm0.mmap_lock".
func (c *cell[S]) String() string { return c.loc.String() }

// at returns the cell's location, and explains cells that have none.
func (c *cell[S]) at(prim string) *machine.Loc {
	machine.Current(prim)
	if c.loc == nil {
		misuse(prim+" of a cell that the kernel does not know",
			"put it into a struct made by kernelshim.New or Alloc, or make it with kernelshim.NewWord")
	}
	return c.loc
}

// A result is what a guarded update makes of a state.
type result[S any] struct {
	state   S
	ret     any            // what the primitive returns
	blocked bool           // the step has to wait
	err     *machine.Error // the step is an error of the port
}

// update takes one step on the cell: f, which must be a pure function, guards and updates its state. arg is shown in
// traces.
func (c *cell[S]) update(prim string, op machine.Op, f func(S) result[S]) any {
	op.Loc = c.at(prim)
	op.Do = func(old any) machine.Outcome {
		r := f(old.(S))
		return machine.Outcome{New: r.state, Ret: r.ret, Blocked: r.blocked, Fault: r.err}
	}
	return do(prim, &op)
}

// Ways to take and release a lock, as ops.
var (
	lockOp     = machine.Op{Code: machine.Acquire, Tag: memorder.Acquire, Access: machine.Writes}
	tryLockOp  = machine.Op{Code: machine.Acquire, Tag: memorder.Acquire, Access: machine.Writes, Anytime: true}
	unlockOp   = machine.Op{Code: machine.Release, Tag: memorder.Release, Access: machine.Writes}
	rdLockOp   = machine.Op{Code: machine.Acquire, Tag: memorder.Acquire, Access: machine.Readers}
	rdUnlockOp = machine.Op{Code: machine.Release, Tag: memorder.Release, Access: machine.Readers}
	queryOp    = machine.Op{Code: machine.Query, Tag: memorder.Once, Access: machine.Reads}
)

// notHeld is the error of an unlock by a task that does not hold the lock.
var notHeld = &machine.Error{Kind: "bad-unlock", Text: "the task does not hold this lock"}

// self returns the running task.
func self(prim string) machine.TaskID { return machine.Current(prim).Self() }

// A call is a kernel function that the running task has entered.
type call struct {
	m *machine.Machine
	c *machine.Call
}

// enter reports that the running task enters the kernel function fn: the lock contract is looked up by this name.
func enter(fn string, args ...any) call {
	m := machine.Current(fn)
	return call{m, m.EnterCall(fn, args)}
}

// leave reports that it leaves a function without a result.
func (c call) leave() { c.m.LeaveCall(c.c, nil) }

// leave reports that the task leaves a function with a result, and returns the result.
func leave[T any](c call, ret T) T {
	c.m.LeaveCall(c.c, ret)
	return ret
}

// leave2 reports that the task leaves a function with two results.
func (c call) leave2(a, b any) { c.m.LeaveCall(c.c, []any{a, b}) }
