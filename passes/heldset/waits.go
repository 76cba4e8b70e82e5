package heldset

import (
	"fmt"
	"go/token"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
)

// RuleWait is broken by a task that waits, with a lock, for a goroutine which takes that lock before it ends the wait.
const RuleWait lockorder.Rule = "waits"

// waits checks a receive from a channel, or a Wait of a WaitGroup: what the goroutines that end the wait need before.
func (f *function) waits(at ssa.Instruction, h state) {
	if f.found == nil || len(h.Locks()) == 0 {
		return
	}
	cell := waitedFor(at)
	if cell == nil {
		return
	}
	for _, b := range f.ssa.Blocks {
		for _, instr := range b.Instrs {
			start, ok := instr.(ssa.CallInstruction)
			if !ok || b != at.Block() && !b.Dominates(at.Block()) || b == at.Block() && placeInBlock(instr) > placeInBlock(at) {
				continue
			}
			if closure := startedBy(start, cell); closure != nil {
				f.waitsFor(closure, start, at, h)
			}
		}
	}
}

func (f *function) waitsFor(closure *ssa.MakeClosure, start ssa.CallInstruction, at ssa.Instruction, h state) {
	c := f.functionCallee(closure.Fn.(*ssa.Function), nil, f.captured(closure))
	if c.Contract == nil {
		return
	}
	before, _ := lockorder.CallEvents(f.profile, c.Func, binding{f: f, callee: c, at: start}, lockorder.Site(position(start)))
	for _, e := range before {
		if e.Op != lockorder.EvExclude || len(e.When) > 0 {
			continue
		}
		x, held := h.Find(e.Lock.Class.Name, e.Lock.Of)
		if !held || !x.Certain() {
			continue
		}
		pos, end := f.pkg.source.extent(position(at))
		from, to := f.pkg.source.extent(position(start))
		taken, behind := f.pkg.source.extent(token.Pos(x.Site))
		f.found = append(f.found, Finding{
			Rule: RuleWait, Pos: pos, End: end,
			Message: fmt.Sprintf("waiting with %s held for a goroutine that takes it first: neither goes on", x.Lock.Describe(f.name)),
			Related: []analysis.RelatedInformation{
				{Pos: taken, End: behind, Message: f.holdingText(x)},
				{Pos: from, End: to, Message: "the goroutine is started here"},
			},
		})
		return
	}
}

// waitedFor returns the variable of the channel or WaitGroup that an instruction waits for, or nil.
func waitedFor(at ssa.Instruction) ssa.Value {
	switch at := at.(type) {
	case *ssa.UnOp:
		if at.Op == token.ARROW {
			return variableOf(at.X)
		}
	case *ssa.Call:
		if isMethod(at.Common(), "sync", "WaitGroup", "Wait") {
			return at.Call.Args[0]
		}
	}
	return nil
}

func variableOf(v ssa.Value) ssa.Value {
	if load, ok := v.(*ssa.UnOp); ok && load.Op == token.MUL {
		return load.X
	}
	return v
}

// startedBy returns the function literal that an instruction starts as a goroutine and that ends the wait for cell, as its
// last act or behind a lock that it has taken; nil if there is none.
func startedBy(start ssa.CallInstruction, cell ssa.Value) *ssa.MakeClosure {
	call := start.Common()
	if isMethod(call, "sync", "WaitGroup", "Go") && call.Args[0] == cell {
		closure, _ := call.Args[1].(*ssa.MakeClosure)
		return closure
	}
	if _, ok := start.(*ssa.Go); !ok {
		return nil
	}
	closure, ok := call.Value.(*ssa.MakeClosure)
	if !ok {
		return nil
	}
	for i, b := range closure.Bindings {
		if b == cell && signalsLate(closure.Fn.(*ssa.Function), closure.Fn.(*ssa.Function).FreeVars[i]) {
			return closure
		}
	}
	return nil
}

// signalsLate says whether fn ends the wait for what the captured variable holds only by a deferred call or in the last
// block that it runs.
func signalsLate(fn *ssa.Function, cell ssa.Value) bool {
	late := false
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			_, deferred := instr.(*ssa.Defer)
			if !signals(instr, cell) {
				continue
			}
			if !deferred && locksBehind(b, instr) {
				return false
			}
			late = true
		}
	}
	return late
}

func signals(instr ssa.Instruction, cell ssa.Value) bool {
	switch instr := instr.(type) {
	case *ssa.Send:
		return variableOf(instr.Chan) == cell
	case ssa.CallInstruction:
		call := instr.Common()
		if b, ok := call.Value.(*ssa.Builtin); ok {
			return b.Name() == "close" && variableOf(call.Args[0]) == cell
		}
		return isMethod(call, "sync", "WaitGroup", "Done") && call.Args[0] == cell
	}
	return false
}

// locksBehind says whether anything is called behind a signal: it may be what takes the lock.
func locksBehind(b *ssa.BasicBlock, signal ssa.Instruction) bool {
	if len(b.Succs) > 0 {
		return true
	}
	behind := false
	for _, instr := range b.Instrs {
		if _, ok := instr.(ssa.CallInstruction); ok && behind {
			return true
		}
		behind = behind || instr == signal
	}
	return false
}
