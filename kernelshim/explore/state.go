package explore

import (
	"math/bits"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// tasks is a set of task IDs.
type tasks uint32

func one(t int) tasks          { return 1 << t }
func (s tasks) has(t int) bool { return s>>t&1 == 1 }
func (s tasks) first() int     { return bits.TrailingZeros32(uint32(s)) }
func (s tasks) count() int     { return bits.OnesCount32(uint32(s)) }
func (s tasks) rest() tasks    { return s & (s - 1) }

// A state is a global state under sequential consistency: where each task is, and what every location holds.
type state struct {
	f     *forest
	at    [machine.MaxTasks]*node // nil: no such task (yet)
	mem   []value                 // by location ID
	freed []bool                  // by object ID
	rules [machine.MaxTasks]any   // the monitor's states
	trail []event                 // room for finally
}

// An event is a step that was taken.
type event struct {
	n             *node
	to            *node
	child         *thread // the callback it started
	old, new, ret value
	rules         any      // the monitor's state before
	finds         []Report // what the monitor found after
	fail          *Report  // the step is an error; the state did not change
}

func (e *event) task() int { return int(e.n.thread.task.ID) }

func newState(f *forest) *state {
	s := &state{f: f}
	for i, th := range f.threads {
		s.at[i] = th.root
		s.rules[i], _ = f.rule(th.root, nil, s)
	}
	return s
}

// get returns the content of a location. Locations that were found since the state was made hold their initial state.
func (s *state) get(loc int32) value {
	s.extend()
	return s.mem[loc]
}

func (s *state) extend() {
	s.mem = append(s.mem, s.f.inits[len(s.mem):]...)
	for len(s.freed) < len(s.f.m.Objects()) {
		s.freed = append(s.freed, false)
	}
}

// gone reports whether the next step of n uses an object that is free.
func (s *state) gone(n *node) bool {
	return n.obj >= 0 && int(n.obj) < len(s.freed) && s.freed[n.obj]
}

// enabled returns the tasks that can take a step, waiting those that have steps left but cannot.
func (s *state) enabled() (enabled, waiting tasks) {
	for t, n := range s.at {
		switch {
		case n == nil || n.op == nil:
		case n.code == machine.Relax:
			waiting |= one(t)
		case n.loc >= 0 && !s.gone(n) && s.f.move(n, s.get(n.loc)).blocked:
			waiting |= one(t)
		default:
			enabled |= one(t)
		}
	}
	return enabled, waiting
}

// step takes the next step of an enabled task. choice is the result of a Choose.
func (s *state) step(t, choice int) (event, error) {
	n := s.at[t]
	ev := event{n: n}
	if n.loc >= 0 {
		ev.old = s.get(n.loc)
		ev.new = ev.old
	}
	switch {
	case s.gone(n):
		ev.fail = useAfterFree(n)
		return ev, nil
	case n.code == machine.Fault:
		ev.fail = faultAt(n, n.op.Err)
		return ev, nil
	case n.loc >= 0:
		mv := s.f.move(n, ev.old)
		if mv.fault != nil {
			ev.fail = faultAt(n, mv.fault)
			return ev, nil
		}
		ev.new, ev.ret = mv.new, mv.ret
		s.mem[n.loc] = ev.new
	case n.code == machine.Alloc:
		ev.ret = n.arg
	case n.code == machine.Free:
		s.extend()
		s.freed[n.obj] = true
	case n.code == machine.Choose:
		ev.ret = s.f.intern(choice)
	}
	k, err := s.f.next(n, ev.ret)
	if err != nil {
		return ev, err
	}
	ev.to, ev.child = k.to, k.child
	s.at[t] = k.to
	ev.rules = s.rules[t]
	s.rules[t], ev.finds = s.f.rule(k.to, ev.rules, s)
	if k.child != nil {
		id := k.child.task.ID
		s.at[id] = k.child.root
		s.rules[id], _ = s.f.rule(k.child.root, nil, s)
	}
	return ev, nil
}

// undo takes a step back.
func (s *state) undo(ev *event) {
	if ev.to == nil {
		return // a failure that changed nothing
	}
	n := ev.n
	s.at[ev.task()] = n
	s.rules[ev.task()] = ev.rules
	if ev.child != nil {
		s.at[ev.child.task.ID] = nil
	}
	if n.loc >= 0 {
		s.mem[n.loc] = ev.old
	}
	if n.code == machine.Free {
		s.freed[n.obj] = false
	}
}

// choices returns how many results the next step of t can have beside what the state determines.
func (s *state) choices(t int) int {
	if n := s.at[t]; n.code == machine.Choose {
		return n.op.Choices
	}
	return 1
}

// dependent reports whether two next steps of different tasks do not commute: they conflict on a location, or one frees
// the object that the other uses.
func dependent(a, b *node) bool {
	if a.loc >= 0 && a.loc == b.loc && a.access.Conflicts(b.access) {
		return true
	}
	return a.obj >= 0 && a.obj == b.obj && (a.code == machine.Free || b.code == machine.Free)
}

// coenabled reports whether the steps of two tasks, on one location, may ever be enabled in one state. A lock's release
// is enabled only for its holder, and then no blocking acquire by another task that conflicts with it is.
func coenabled(a, b *node) bool {
	if a.code == machine.Acquire {
		a, b = b, a
	}
	return a.loc != b.loc || a.code != machine.Release || b.code != machine.Acquire || a.op.Anytime || b.op.Anytime
}
