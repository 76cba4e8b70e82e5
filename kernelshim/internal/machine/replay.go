package machine

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// A Step is an op with the result that an engine decided for it.
type Step struct {
	Op  *Op
	Ret any
}

// A Stop tells how a replay ended: with a next op, or with the end of the task.
type Stop struct {
	Op    *Op    // the first undecided op; nil if the task is done
	Notes []Note // what was entered and left since the last step of the path
	Err   error  // the scenario's own fault, a *MisuseError
	// Ahead is what the task does after that, if this op and those before return nil: found in the same run.
	Ahead []Stop
}

// maxAhead bounds how many ops one run finds. It ends loops that only store.
const maxAhead = 16

// returnsNil says whether an op returns nil if it succeeds, so that the run can go on.
func (op *Op) returnsNil() bool {
	switch op.Code {
	case Store, Fence, Enter, Leave, Release:
		return true
	case Acquire:
		return !op.Anytime
	}
	return false
}

// A MisuseError is an error of the scenario or port as a user of the simulator, with its cure; not a finding.
type MisuseError struct {
	Pos  Pos
	Text string
	Cure string
}

func (e *MisuseError) Error() string { return fmt.Sprintf("%s: %s; %s", e.Pos.Long(), e.Text, e.Cure) }

// stopped is what stops a task at an undecided op.
type stopped struct{}

// A Transient is a value of a task's own that changes while the task runs, and that others look at where the task stops: runs
// that pass one go no step ahead.
type Transient interface{ Transient() }

// Replay runs fn as task t along the path, natively and on this goroutine, and returns what it does next. First runs go no
// step ahead: what one task does to another outside of cells shows when its first step changes.
func (m *Machine) Replay(t *Task, fn func(), path []Step) Stop {
	lock(m)
	defer unlock()
	m.task, m.path, m.at = t, path, 0
	m.calls, m.notes, m.next, m.misuse, m.stops = nil, nil, nil, nil, m.stops[:0]
	m.still = m.verifying || len(path) == 0
	m.carry, m.within = carrying{}, m.within[:0]
	m.names = map[string]int{}
	for _, s := range path {
		m.count(s.Op)
	}
	defer func() { m.task, m.path = nil, nil }()
	m.run(fn)
	switch {
	case m.misuse != nil && len(m.stops) == 0:
		return Stop{Err: m.misuse}
	case m.next == nil && m.at < len(path):
		was := path[m.at].Op
		return Stop{Err: nondeterminism(was.Pos, fmt.Sprintf("task %s did %s here and then did not", t.Name, was.Prim))}
	case m.next == nil && m.misuse == nil:
		m.stops = append(m.stops, Stop{Notes: m.notes, Err: m.unused(t)})
	}
	stop := m.stops[0]
	stop.Ahead = slices.Clone(m.stops[1:])
	return stop
}

// stopAt stops the task at an undecided op, unless what that returns is clear.
func (m *Machine) stopAt(op *Op) any {
	m.stops = append(m.stops, Stop{Op: op, Notes: m.notes})
	m.notes = nil
	if op.returnsNil() && len(m.stops) < maxAhead && !m.still {
		m.returned(op)
		return nil
	}
	m.next = op
	panic(stopped{})
}

// Verify runs fn again along the path, and returns an error unless it stops at an op like was (nil: at its end).
func (m *Machine) Verify(t *Task, fn func(), path []Step, was *Op) error {
	objects, locs := len(m.objects), len(m.locs)
	m.verifying = true
	stop := m.Replay(t, fn, path)
	m.verifying = false
	m.objects, m.locs = m.objects[:objects], m.locs[:locs] // what only the second run made
	switch op := stop.Op; {
	case stop.Err != nil:
		return stop.Err
	case op == nil && was == nil || op != nil && was != nil && same(was, op) && was.Pos == op.Pos:
		return nil
	case op == nil:
		return nondeterminism(was.Pos, fmt.Sprintf("with equal results, task %s once does %s here and once ends", t.Name, was))
	case was == nil:
		return nondeterminism(op.Pos, fmt.Sprintf("with equal results, task %s once ends and once does %s here", t.Name, op))
	default:
		return nondeterminism(op.Pos, fmt.Sprintf("with equal results, task %s does %s here, and once did %s at %s",
			t.Name, op, was, was.Pos))
	}
}

// count keeps the numbering of objects born in the task when their births are replayed, not run.
func (m *Machine) count(op *Op) {
	if op.Code == Alloc {
		m.names[op.Name]++
	}
}

// run calls fn and turns the ways in which it can end into m.next and m.misuse.
func (m *Machine) run(fn func()) {
	defer func() {
		r := recover()
		if _, ok := r.(stopped); ok || r == nil {
			if r == nil && m.next != nil {
				m.misuse = &MisuseError{m.next.Pos, "a deferred recover() swallowed the simulator's stop",
					"remove the recover from the port: a panic is the simulator's way to suspend a task"}
				m.stops = m.stops[:max(len(m.stops)-1, 0)] // the next run begins there
			}
			return
		}
		if m.misuse == nil && m.next == nil {
			m.crash(r)
		}
	}()
	fn()
}

// crash makes a panic of the port the fault that it is: a nil dereference is the kernel's oops.
func (m *Machine) crash(r any) {
	if e, ok := r.(*MisuseError); ok {
		m.misuse = e
		return
	}
	kind, text := "panic", fmt.Sprint(r)
	if e, ok := r.(runtime.Error); ok && strings.Contains(e.Error(), "nil pointer") {
		kind, text = "oops", "NULL pointer dereference"
	}
	m.next = &Op{Code: Fault, Prim: kind, Pos: caller(), Calls: m.callStack(), Err: &Error{kind, text}}
	m.stops = append(m.stops, Stop{Op: m.next, Notes: m.notes})
}

func nondeterminism(pos Pos, what string) *MisuseError {
	return &MisuseError{pos, "the scenario is not deterministic: " + what,
		"a task must be a function of what the shim returns: " +
			"do not range over maps, read the time or random numbers, start goroutines, or keep state outside shim cells"}
}
