package explore

import (
	"fmt"
	"slices"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// A value is an interned state or result: the explorer compares and copies small integers, whatever the Go type behind.
type value int32

// A forest holds the tries of all tasks of a scenario: everything that native code ever did, by local history. It is what
// all engines share.
type forest struct {
	m       *machine.Machine
	again   func() (*forest, error) // the same anew, for another worker; nil if there is to be none
	threads []*thread               // by task ID
	final   *thread                 // Kernel.Finally, or nil
	depends Dependencies
	any     bool // show the failure that was found, not the shortest

	ids      map[any]value // interning
	values   []any
	holders  []tasks   // by value: who holds the lock that is in this state
	pointsTo [][]int32 // by value: the objects that it refers to
	looked   int       // objects that mayLose has looked at
	loses    bool      // one of them can leak
	inits    []value   // initial state of each location, by ID
	nodes    int32
	rounds   int                      // of fixpoints
	replays  int                      // native runs
	prefix   []machine.Step           // of the last run
	effects  map[effect]int32         // their numbers
	known    *axiomatic               // what revisits learnt of what tasks may do
	monitor  monitor                  // lock rules
	change   *change                  // what is weaker or stronger than it is: WithWhySafe
	finds    []Report                 // what it found, each once
	forks    map[string]*machine.Task // callbacks by name, which has the parent's and how manieth it is

	sems       map[int32]*sem  // by location: locks with readers
	whole      map[string]bool // by key: those whose readers do not commute
	semVersion int             // grows with what is known of them
	base       map[int32]int32 // by R of a lock with readers: the lock

	own   map[int32][]int32 // by object: its locations
	owned int               // how many there were when own was made
}

// A thread is a task's program with the trie of its histories. A callback has one thread for each history of its parent.
type thread struct {
	task *machine.Task
	fn   func()
	root *node
}

// A node is a local history of a task, and what the task wants to do next after it.
type node struct {
	thread *thread
	up     *node
	by     value // the result of up's op that leads here
	depth  int   // ops before this one
	id     int32

	op     *machine.Op // nil: the task is done
	ran    *machine.Op // the same as native code has it; op may be weaker
	code   machine.Code
	access machine.Access
	loc    int32 // location ID, or -1
	obj    int32 // object ID, or -1
	arg    value // Store: the value; Alloc: the object
	sem    *sem  // the lock with readers that it is about

	notes   []machine.Note
	rulings []ruling // of the monitor, on notes

	effect, effectAt int32 // see effectsOf

	kids     []kid
	supposed []kid // to nil if that is impossible
	walked   int   // the last round of a fixpoint in which all that tasks may do here was taken
	moves    []move
	ahead    []machine.Stop // what follows if the op returns nil, as native code has it already
}

// A kid is an edge: the op returned by.
type kid struct {
	by    value
	to    *node
	child *thread // Fork: the callback
}

// A move is what the op does to one old state of its location.
type move struct {
	old, new, ret value
	blocked       bool
	fault         *machine.Error
}

func newForest(m *machine.Machine, monitor monitor) (*forest, error) {
	f := &forest{m: m, monitor: monitor, forks: map[string]*machine.Task{}, sems: map[int32]*sem{},
		whole: map[string]bool{}, base: map[int32]int32{}}
	f.effects = map[effect]int32{}
	f.ids, f.values, f.holders = map[any]value{nil: 0}, []any{nil}, []tasks{0}
	for _, t := range m.Tasks {
		f.threads = append(f.threads, &thread{task: t, fn: t.Fn})
	}
	all := f.threads
	if m.Finally != nil {
		f.final = &thread{task: m.Finally, fn: m.Finally.Fn}
		all = append(slices.Clip(all), f.final)
	}
	for _, th := range all {
		var err error
		if th.root, err = f.grow(th, nil, 0); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *forest) intern(v any) value {
	id, ok := f.ids[v]
	if !ok {
		id = value(len(f.values))
		f.ids[v] = id
		f.values = append(f.values, v)
		f.holders = append(f.holders, holders(v))
	}
	return id
}

// holders returns the tasks that hold the lock whose state v is. The setup is not one: it ended before.
func holders(v any) (by tasks) {
	h, ok := v.(machine.Holder)
	for t := range machine.Setup {
		if ok && h.HeldBy(t) != "" {
			by |= one(int(t))
		}
	}
	return by
}

func (f *forest) taskName(t machine.TaskID) string {
	if int(t) < len(f.m.Tasks) {
		return f.m.Tasks[t].Name
	}
	for _, task := range f.forks {
		if task.ID == t {
			return task.Name
		}
	}
	return "setup"
}

// next returns the history after op of n returned by. It is a pointer chase, unless the history is new.
func (f *forest) next(n *node, by value) (*kid, error) {
	for i := range n.kids {
		if n.kids[i].by == by {
			return &n.kids[i], nil
		}
	}
	to, err := f.grow(n.thread, n, by)
	if err != nil {
		return nil, err
	}
	k := kid{by: by, to: to}
	if n.code == machine.Fork {
		if k.child, err = f.fork(n, by); err != nil {
			return nil, err
		}
	}
	n.kids = append(n.kids, k)
	return &n.kids[len(n.kids)-1], nil
}

// path returns the steps from the root to the history after n returned by, until it is called again.
func (f *forest) path(n *node, by value) []machine.Step {
	path := f.prefix[:0]
	for ; n != nil; n, by = n.up, n.by {
		path = append(path, machine.Step{Op: n.ran, Ret: f.values[by]})
	}
	slices.Reverse(path)
	f.prefix = path
	return path
}

// grow runs the task natively along a history that is new and makes its node. What a task does may depend on nothing but its
// history: each run checks what the last one did on the way, and a task that ends runs once more.
func (f *forest) grow(th *thread, up *node, by value) (*node, error) {
	stop, err := f.run(th, up, by)
	if err != nil {
		return nil, err
	}
	n := &node{thread: th, up: up, by: by, id: f.nodes, op: f.change.apply(f, stop.Op, up, by), ran: stop.Op,
		notes: stop.Notes, ahead: stop.Ahead, loc: -1, obj: -1}
	f.nodes++
	if up != nil {
		n.depth = up.depth + 1
	}
	if op := n.op; op != nil {
		n.code, n.access = op.Code, op.Access
		if op.Loc != nil {
			n.loc = int32(op.Loc.ID)
		}
		if op.Obj != nil {
			n.obj = int32(op.Obj.ID)
		}
		if op.Code == machine.Store || op.Code == machine.Alloc {
			n.arg = f.intern(op.Arg)
		}
		if op.Sem != machine.NoSem && th != f.final {
			n.sem = f.semOf(op, th.task.ID)
		}
	}
	f.bound()
	return n, nil
}

// bound looks up the initial states of locations that are new.
func (f *forest) bound() {
	for _, l := range f.m.Locs()[len(f.inits):] {
		f.inits = append(f.inits, f.intern(l.Init))
	}
}

// run returns what a task does after up's op returned by, which an earlier run may have found.
func (f *forest) run(th *thread, up *node, by value) (stop machine.Stop, err error) {
	if up != nil && by == 0 && len(up.ahead) > 0 {
		stop = up.ahead[0]
		stop.Ahead, up.ahead = up.ahead[1:], nil
	} else {
		stop = f.m.Replay(th.task, th.fn, f.path(up, by))
		f.replays++
	}
	if stop.Err == nil && (stop.Op == nil || stop.Op.Code == machine.Fault) {
		stop.Err = f.m.Verify(th.task, th.fn, f.path(up, by), stop.Op)
	}
	return stop, stop.Err
}

// fork makes the callback of a Fork op that returned by.
func (f *forest) fork(n *node, by value) (*thread, error) {
	count := 0
	for up := n.up; up != nil; up = up.up {
		if up.code == machine.Fork {
			count++
		}
	}
	name := n.op.Name + ":" + n.thread.task.Name
	if count > 0 {
		name += fmt.Sprintf(".%d", count+1)
	}
	task := f.forks[name]
	if task == nil {
		id := machine.TaskID(len(f.m.Tasks) + len(f.forks))
		if id >= machine.Setup {
			return nil, &machine.MisuseError{Pos: n.op.Pos, Text: "too many callbacks", Cure: "make the scenario smaller"}
		}
		task = &machine.Task{ID: id, Name: name, Pos: n.op.Pos}
		f.forks[name] = task
	}
	open := f.values[by]
	th := &thread{task: task, fn: func() { n.op.Child(open) }}
	var err error
	th.root, err = f.grow(th, nil, 0)
	return th, err
}

// move returns what n's op does to a state of its location.
func (f *forest) move(n *node, old value) *move {
	for i := range n.moves {
		if n.moves[i].old == old {
			return &n.moves[i]
		}
	}
	mv := move{old: old, new: old}
	switch {
	case n.code == machine.Store:
		mv.new = n.arg
	case n.op.Do == nil:
		mv.ret = old
	default:
		out := n.op.Do(f.values[old])
		mv.blocked, mv.fault = out.Blocked, out.Fault
		if !out.Blocked && out.Fault == nil {
			mv.new, mv.ret = f.intern(out.New), f.intern(out.Ret)
		}
	}
	n.moves = append(n.moves, mv)
	return &n.moves[len(n.moves)-1]
}
