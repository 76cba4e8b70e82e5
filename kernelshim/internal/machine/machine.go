package machine

import (
	"fmt"
	"slices"
	"sync"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/memorder"
)

// A Machine is one scenario, set up: its locations, objects and tasks. Engines add what the tasks allocate.
type Machine struct {
	Tasks    []*Task
	Finally  *Task // runs alone after all tasks; nil if the scenario has no invariant
	Sections *Loc  // the table of read-side sections of all tasks
	Options  Options
	Profile  *lockorder.Profile // the lock contract; nil for none

	locs    []*Loc
	objects []*Object
	names   map[string]int

	// The replay under way.
	task   *Task // nil during setup
	path   []Step
	at     int // steps of path already consumed
	calls  []*Call
	notes  []Note
	next   *Op
	carry  carrying
	within []*Loc // the sections that Cache opened and Evict did not close
	stops  []Stop // found so far, without Ahead
	still  bool   // it stops at the first undecided op
	misuse error

	verifying bool // where things are is known from the first run
}

// Options are what a scenario asks of primitives that may fail.
type Options struct {
	TornStores    map[string]bool   // locations of which a plain store may be two, by name
	TornLoads     map[string]bool   // locations of which a plain load may be two, by name
	UserCode      bool              // CPUs run user code, so that pages have contents
	Interruptible bool              // _killable variants may return -EINTR
	Release       lockorder.Release // the kernel that the ports come from; zero: the newest
}

// A Task is a thread of the scenario.
type Task struct {
	ID   TaskID
	Name string
	Fn   func()
	Pos  Pos
}

// current is the machine whose setup or task runs natively just now; mu is held while one does. Shim calls have no task
// parameter, so that ports read like the kernel: this is where they find out who they are.
var (
	mu      sync.Mutex
	current *Machine
)

func lock(m *Machine) { mu.Lock(); current = m }
func unlock()         { current = nil; mu.Unlock() }

// New runs setup, which declares tasks and builds objects, and returns the machine it describes.
func New(setup func(*Machine)) (m *Machine, err error) {
	m = &Machine{names: map[string]int{}}
	m.Sections = m.NewLoc(nil, "sections", Sections{})
	lock(m)
	defer unlock()
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *MisuseError:
			m, err = nil, r
		default:
			panic(r)
		}
	}()
	setup(m)
	return m, nil
}

// Current returns the running machine, and panics with the cure if there is none. what is the shim function that asks.
func Current(what string) *Machine {
	if current == nil {
		panic("kernelshim: " + GoName(what) + " called outside a simulation; run it under explore.Check(t, " +
			"func(k *kernelshim.Kernel) { … }) and inside k.Go, in the goroutine that the simulator calls")
	}
	return current
}

// Self returns the task that runs; during setup it is Setup.
func (m *Machine) Self() TaskID {
	if m.task == nil {
		return Setup
	}
	return m.task.ID
}

// Locs returns all locations, in the order of their IDs.
func (m *Machine) Locs() []*Loc { return m.locs }

// Objects returns all objects, in the order of their IDs.
func (m *Machine) Objects() []*Object { return m.objects }

// InSetup reports whether the scenario's setup runs: ops take effect at once, on the initial states.
func (m *Machine) InSetup() bool { return m.task == nil }

// Do takes a step on behalf of the running task and returns its result. In setup the step happens at once.
func (m *Machine) Do(op *Op) any {
	if m.task == nil {
		return m.immediate(op)
	}
	if m.next != nil || m.misuse != nil {
		panic(stopped{}) // a deferred call of the port while the stop unwinds it
	}
	if op.Obj == nil && op.Loc != nil {
		op.Obj = op.Loc.Obj
	}
	if m.misuse = m.depend(op); m.misuse != nil {
		panic(stopped{})
	}
	if m.at < len(m.path) {
		was := m.path[m.at]
		if !same(was.Op, op) {
			m.misuse = nondeterminism(caller(), fmt.Sprintf("with equal results, task %s does %s here, and once did %s at %s",
				m.task.Name, op, was.Op, was.Op.Pos))
			panic(stopped{})
		}
		m.at++
		m.returned(op)
		m.enterOrLeave(op)
		return was.Ret
	}
	op.Pos = m.caller()
	op.Calls = m.callStack()
	return m.stopAt(op)
}

// Replayed returns what a load returned that the path has next, without the op that Do wants: most of a replay are loads. It is
// for those that carry nothing; ok is false where Do has to see for itself.
func (m *Machine) Replayed(prim string, tag memorder.Tag, loc *Loc) (ret any, ok bool) {
	if m.task == nil || m.next != nil || m.misuse != nil || m.at >= len(m.path) || m.carry.next != nil {
		return nil, false
	}
	was := &m.path[m.at]
	if was.Op.Code != Load || was.Op.Prim != prim || was.Op.Tag != tag || was.Op.Loc != loc {
		return nil, false
	}
	m.at++
	m.returned(was.Op)
	return was.Ret, true
}

// Within reports whether the running task has opened a section of a location by Cache and not closed it.
func (m *Machine) Within(loc *Loc) bool { return slices.Contains(m.within, loc) }

func (m *Machine) enterOrLeave(op *Op) {
	switch op.Code {
	case Cache:
		m.within = append(m.within, op.Loc)
	case Evict:
		m.within = slices.DeleteFunc(m.within, func(l *Loc) bool { return l == op.Loc })
	}
}

// caller returns the port's line, or where the task was declared if it has none.
func (m *Machine) caller() Pos {
	pos := caller()
	if pos.File == "" && m.task != nil {
		return m.task.Pos
	}
	return pos
}

// same reports whether a replayed op is the recorded one. Allocations are compared by kind: their object is born once.
func same(a, b *Op) bool {
	return a.Code == b.Code && a.Tag == b.Tag && a.Loc == b.Loc && a.Prim == b.Prim && a.Deps == b.Deps &&
		(a.Code == Alloc || a.Obj == b.Obj && a.Arg == b.Arg)
}

// immediate applies an op to the initial states.
func (m *Machine) immediate(op *Op) any {
	switch {
	case op.Code == Alloc:
		return op.Arg
	case op.Code == Store:
		op.Loc.Init = op.Arg
		return nil
	case op.Loc == nil:
		if op.Err != nil {
			panic(&MisuseError{caller(), op.Err.Text + " during setup", "the initial state breaks the scenario's own assertion"})
		}
		return 0
	}
	if op.Do == nil { // Load
		return op.Loc.Init
	}
	out := op.Do(op.Loc.Init)
	if out.Blocked || out.Fault != nil {
		panic(&MisuseError{caller(), fmt.Sprintf("%s cannot succeed during setup", op), "setup runs alone: unlock what it locked"})
	}
	op.Loc.Init = out.New
	return out.Ret
}

// Alloc takes the step in which an object is born. build makes the Go value, with its cells at their initial values; it
// runs once for each history of the task, so that the object is the same in every replay.
func (m *Machine) Alloc(prim, prefix string, build func(*Object) any) any {
	op := &Op{Code: Alloc, Prim: prim, Name: prefix}
	if m.task != nil {
		op.Name += ":" + m.task.Name + "."
		if m.at < len(m.path) || m.next != nil || m.misuse != nil {
			return m.Do(op)
		}
		if len(m.stops) > 0 { // objects are born in the order in which histories are explored
			m.next = op
			panic(stopped{})
		}
	}
	op.Obj = m.newObject(op.Name)
	op.Arg = build(op.Obj)
	op.Obj.Value = op.Arg
	m.Bind(op.Arg, op.Obj)
	return m.Do(op)
}

func (op *Op) String() string {
	switch {
	case op.Loc != nil:
		return fmt.Sprintf("%s(%s)", op.Prim, op.Loc)
	case op.Obj != nil:
		return fmt.Sprintf("%s(%s)", op.Prim, op.Obj)
	}
	return op.Prim + "()"
}

// EnterCall notes that the task enters a kernel function.
func (m *Machine) EnterCall(fn string, args []any) *Call {
	c := &Call{Func: fn, Args: args}
	if m.task == nil || m.next != nil {
		return c
	}
	if m.at == len(m.path) && !m.verifying {
		c.Pos = m.caller()
		m.notes = append(m.notes, Note{Call: c})
	}
	m.calls = append(m.calls, c)
	for _, arg := range args {
		if _, ok := arg.(Transient); ok {
			m.still = true
		}
	}
	return c
}

// LeaveCall notes that the task leaves it.
func (m *Machine) LeaveCall(c *Call, ret any) {
	if m.task == nil || m.next != nil || m.misuse != nil {
		return
	}
	if n := len(m.calls); n > 0 && m.calls[n-1] == c {
		m.calls = m.calls[:n-1]
	}
	if m.at == len(m.path) {
		m.notes = append(m.notes, Note{Leave: true, Call: c, Ret: ret})
	}
}

func (m *Machine) callStack() []Call {
	stack := make([]Call, len(m.calls))
	for i, c := range m.calls {
		stack[i] = *c
	}
	return slices.Clip(stack)
}

// SameAs compares a machine with another one that the same setup made, and returns an error unless they are alike.
func (m *Machine) SameAs(other *Machine) error {
	for i, t := range m.Tasks {
		if i >= len(other.Tasks) || other.Tasks[i].Name != t.Name || other.Tasks[i].Pos != t.Pos {
			return nondeterminism(t.Pos, fmt.Sprintf("setup run twice declares task %s only once", t.Name))
		}
	}
	at := Pos{}
	if len(m.Tasks) > 0 {
		at = m.Tasks[0].Pos
	}
	if len(m.locs) != len(other.locs) || len(m.objects) != len(other.objects) {
		return nondeterminism(at, "setup run twice makes different objects")
	}
	for i, l := range m.locs {
		if l.String() != other.locs[i].String() {
			return nondeterminism(at, fmt.Sprintf("setup run twice makes %s once and %s once", l, other.locs[i]))
		}
	}
	return nil
}
