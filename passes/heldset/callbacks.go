package heldset

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
)

// runCallbacks runs the functions that a call is given, at the times at which it calls them. Of a call that nobody knows, they
// are taken to be called now: what they need must be held. What they do to locks counts only where it is known that they are
// called now.
func (f *function) runCallbacks(h state, at ssa.CallInstruction) state {
	call := at.Common()
	for i, arg := range call.Args {
		if !isFunc(arg.Type()) {
			continue
		}
		when, known := f.pkg.passing(call, i)
		under := f.underParam(call, i)
		if p, ok := arg.(*ssa.Parameter); ok {
			f.noteParam(p, h, under, call, at)
			continue
		}
		c := f.valueCallee(arg, nil)
		if c == nil || c.Contract == nil {
			continue
		}
		b := binding{f: f, callee: c, at: at}
		before, after := lockorder.CallEvents(f.profile, c.Func, b, lockorder.Site(position(at)))
		if known && when != lockorder.CallNow {
			f.task(before, c, at)
			if when == lockorder.CallLater {
				h = f.loseLocks(h, b) // it may be the one who gives them back
			}
			continue
		}
		inner := f.takeAll(h, under, call, at)
		body := loopBody(arg) != nil
		if body {
			inner = f.insideIterator(inner, call, i, at)
			before = notAbout(before, f.pkg.heldByMade(call))
		}
		if known || body {
			f.takeIn(inner, c, at)
		} else { // perhaps it is called later, when other locks are held
			before = demands(before)
		}
		f.steps(inner, before, c, at)
		if body {
			f.iterateAgain(inner, before, after, c, at)
		}
		if known && len(after) > 0 {
			run := f.steps(h, after, c, at)
			if t := f.target(call); t != nil && t.Contract != nil && t.Primitive {
				run = run.Join(h)
			}
			h = run
		}
	}
	return h
}

// iterateAgain lets a loop body run a second time, with the locks that it takes each time and leaves taken.
func (f *function) iterateAgain(h state, before, after []event, c *callee, at ssa.CallInstruction) {
	left := false
	for _, e := range after {
		if e.Op == lockorder.EvAcquire && !e.Try && !e.Maybe && len(e.When) == 0 {
			h, _ = h.Step(e)
			left = true
		}
	}
	if left {
		f.steps(h, slices.DeleteFunc(slices.Clone(before), func(e event) bool { return e.Op != lockorder.EvExclude }), c, at)
	}
}

// demands returns what must be held whenever the function is called. What must not be held counts where it is known that
// it is called now.
func demands(events []event) []event {
	return slices.DeleteFunc(events, func(e event) bool { return e.Op == lockorder.EvExclude || e.Op == lockorder.EvSleep })
}

// task checks what is called where no lock is held, by a task of its own or later: what it does with locks is nothing that
// this function does.
func (f *function) task(before []event, c *callee, at ssa.Instruction) {
	if f.found != nil {
		f.elsewhere = true
		f.steps(lockorder.NewHeld[Obj](f.profile), before, c, at)
		f.elsewhere = false
	}
}

// underParam returns the locks that a callee takes around the calls of its i-th parameter.
func (f *function) underParam(call *ssa.CallCommon, i int) []*lockorder.Clause {
	fn := call.StaticCallee()
	if fn == nil {
		return nil
	}
	if obj, ok := fn.Object().(*types.Func); ok {
		if c := f.pkg.contracts.Of(obj, f.profile); c != nil {
			return statedUnder(c, i)
		}
	}
	for _, c := range f.pkg.behaviour(fn).Calls {
		if c.Param == i {
			return c.Under
		}
	}
	return nil
}

// statedUnder returns the locks that a contract says are held around the calls of the i-th parameter.
func statedUnder(c *contract.Contract, i int) []*lockorder.Clause {
	var under []*lockorder.Clause
	for _, clause := range c.Clauses {
		of := slices.Index(c.Params, clause.Lock.Of.Root)
		if clause.Verb != lockorder.Calls || of < 0 || i >= len(c.Params) || clause.Right.Root != c.Params[i] {
			continue
		}
		lock := clause.Lock
		lock.Of.Root = paramName(of)
		under = append(under, &lockorder.Clause{Verb: lockorder.Acquires, Lock: lock, Mode: lockorder.WriteMode})
	}
	return under
}

// takeAll returns h with locks that a callee takes by itself, whatever that breaks.
func (f *function) takeAll(h state, under []*lockorder.Clause, call *ssa.CallCommon, at ssa.Instruction) state {
	if len(under) == 0 {
		return h
	}
	b := f.positional(under, call.Args, at)
	_, after := lockorder.CallEvents(f.profile, b.Func, b, lockorder.Site(position(at)))
	for _, e := range after {
		h, _ = h.Step(e)
	}
	return h
}

// A paramCall is what is held where a parameter is called.
type paramCall struct {
	param *ssa.Parameter
	held  []lockorder.Holding[Obj]
}

// noteParam notes which locks are held where a parameter is called, or passed on to be.
func (f *function) noteParam(v *ssa.Parameter, h state, under []*lockorder.Clause, call *ssa.CallCommon, at ssa.Instruction) {
	if !f.report {
		return
	}
	h = f.takeAll(h, under, call, at)
	var held []lockorder.Holding[Obj]
	for _, x := range h.Locks() {
		if _, onEntry := f.entry.Find(x.Lock.Class.Name, x.Lock.Of); !onEntry && x.Certain() && x.Lock.Class != deferClass && !x.Note() {
			held = append(held, x)
		}
	}
	for i, have := range f.paramCalls {
		if have.param == v {
			f.paramCalls[i].held = slices.DeleteFunc(have.held, func(x lockorder.Holding[Obj]) bool {
				return !slices.ContainsFunc(held, func(y lockorder.Holding[Obj]) bool { return y.Lock == x.Lock && y.Mode >= x.Mode })
			})
			return
		}
	}
	f.paramCalls = append(f.paramCalls, paramCall{v, held})
}
