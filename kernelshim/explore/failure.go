package explore

import (
	"fmt"
	"strings"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// A Kind classifies failures of the code under test.
type Kind string

// The kinds of failures.
const (
	UseAfterFree Kind = "use-after-free" // a step on a cell or lock of an object that is free
	DoubleFree   Kind = "double-free"    // an object is freed twice
	Livelock     Kind = "livelock"       // a task tries again and again, and nothing changes any more
	Deadlock     Kind = "deadlock"       // every task that has not finished waits
	LeakedLock   Kind = "leaked-lock"    // a lock or a read-side section outlives all tasks
	MemoryLeak   Kind = "memory-leak"    // an object outlives all tasks, and nothing refers to it
	BadUnlock    Kind = "bad-unlock"     // a task gives back a lock that it does not hold
	LockRule     Kind = "lock-rule"      // package lockorder objects: lockdep
	Bug          Kind = "bug"            // BUG_ON, VM_BUG_ON, a reference count gone wrong
	Warn         Kind = "warn"           // WARN_ON
	Invariant    Kind = "invariant"      // Assert
	Oops         Kind = "oops"           // NULL pointer dereference
	StaleTLB     Kind = "stale-tlb"      // a CPU writes through a translation that should have been flushed
	Panic        Kind = "panic"          // any other Go panic of the port
)

// A Report is a failure without the execution that leads to it.
type Report struct {
	Kind    Kind
	Rule    string // LockRule: the rule of package lockorder
	Text    string
	Clause  string // LockRule: the clause of the contract, with where it was read
	Task    string
	Pos     machine.Pos
	Related []Related

	node *node           // the step that fails, or the history that does
	lost *machine.Object // MemoryLeak: the object
}

// A Related is a place that explains a failure: where the object was freed, where the lock was taken.
type Related struct {
	Text string
	Task string
	Pos  machine.Pos
}

// String returns the text, with the task if that does not say who.
func (r Related) String() string {
	if strings.HasPrefix(r.Text, r.Task+" ") {
		return r.Text
	}
	return r.Text + ", by " + r.Task
}

func (r *Report) String() string {
	if r.Rule != "" {
		return fmt.Sprintf("%s (%s): %s", r.Kind, r.Rule, r.Text)
	}
	return fmt.Sprintf("%s: %s", r.Kind, r.Text)
}

func faultAt(n *node, err *machine.Error) *Report {
	text := err.Text
	if n.loc >= 0 {
		text = fmt.Sprintf("%s: %s", n.op, err.Text)
	}
	return &Report{Kind: Kind(err.Kind), Text: text, Task: n.thread.task.Name, Pos: n.op.Pos, node: n}
}

func useAfterFree(n *node) *Report {
	r := &Report{Kind: UseAfterFree, Task: n.thread.task.Name, Pos: n.op.Pos, node: n}
	r.Text = fmt.Sprintf("%s uses %s, which is free", r.Task, n.op.Obj)
	switch n.op.Prim {
	case "user_read", "user_write":
		r.Text += ", through a translation that its CPU still has"
	case "page_walk", "page_walk_cmpxchg":
		r.Text = fmt.Sprintf("the CPU of %s walks %s, which is free", r.Task, n.op.Obj)
	}
	if n.code == machine.Free {
		r.Kind = DoubleFree
		r.Text = fmt.Sprintf("%s frees %s, which is free already", r.Task, n.op.Obj)
	}
	return r
}

// verdict judges a final state: no task can move, those in waiting would have to.
func (s *state) verdict(waiting tasks) (*Report, error) {
	if spinning := s.spinning(waiting); spinning != 0 {
		for left := spinning; left != 0; left = left.rest() {
			if on, err := s.getsOn(left.first()); on || err != nil {
				return spins, err
			}
		}
		if waiting == spinning {
			return s.livelock(spinning), nil
		}
	}
	if s.flushing(waiting) {
		return spins, nil
	}
	if waiting != 0 {
		return s.deadlock(waiting), nil
	}
	s.extend()
	for loc, v := range s.mem {
		if by := s.f.holders[v]; by != 0 {
			return s.leak(s.f.m.Locs()[loc], v, by.first()), nil
		}
	}
	if r, err := s.finally(); r != nil || err != nil {
		return r, err
	}
	return s.lost(), nil
}

// spins is the verdict on an execution that ends in the middle: a task is about to try again, and would succeed. Others go on
// where it does.
var spins = &Report{Kind: "spins"}

// flushing reports whether a task waits for the flush of a translation that is never used again. No CPU makes a flush wait
// so long: the execution is one in which the translation was not cached, or walked for anew, and that is another one.
func (s *state) flushing(waiting tasks) bool {
	for ; waiting != 0; waiting = waiting.rest() {
		if n := s.at[waiting.first()]; n.code == machine.End && n.op.CPUs != 0 {
			return n.op.Domain == nil
		}
	}
	return false
}

// spinning returns the tasks that are about to try again.
func (s *state) spinning(waiting tasks) (set tasks) {
	for ; waiting != 0; waiting = waiting.rest() {
		if t := waiting.first(); s.at[t].code == machine.Relax {
			set |= one(t)
		}
	}
	return set
}

// getsOn reports whether a task that tries again, alone, gets past the attempt.
func (s *state) getsOn(t int) (on bool, err error) {
	var trail []event
	start := s.at[t]
	defer func() {
		for i := len(trail) - 1; i >= 0; i-- {
			s.undo(&trail[i])
		}
		s.at[t] = start
	}()
	k, err := s.f.next(start, 0)
	if err != nil {
		return false, err
	}
	for s.at[t] = k.to; ; {
		switch n := s.at[t]; {
		case n.op == nil || n.code == machine.Fault || n.depth > start.depth+MaxSteps:
			return true, nil
		case n.code == machine.Relax, n.loc >= 0 && !s.gone(n) && s.f.move(n, s.get(n.loc)).blocked:
			return false, nil
		}
		ev, err := s.step(t, 0)
		if err != nil || ev.fail != nil {
			return true, err
		}
		trail = append(trail, ev)
	}
}

func (s *state) livelock(spinning tasks) *Report {
	n := s.at[spinning.first()]
	r := &Report{Kind: Livelock, Task: n.thread.task.Name, Pos: n.op.Pos, node: n}
	for ; spinning != 0; spinning = spinning.rest() {
		n := s.at[spinning.first()]
		text := n.thread.task.Name + " tries again for ever"
		if r.Text != "" {
			r.Text += "; "
		}
		r.Text += text
		r.Related = append(r.Related, Related{text, n.thread.task.Name, n.op.Pos})
	}
	return r
}

func (s *state) deadlock(waiting tasks) *Report {
	n := s.at[waiting.first()]
	r := &Report{Kind: Deadlock, Task: n.thread.task.Name, Pos: n.op.Pos, node: n}
	for w := waiting; w != 0; w = w.rest() {
		n := s.at[w.first()]
		v := any(nil)
		if n.loc >= 0 {
			v = s.f.values[s.get(n.loc)]
		}
		text := fmt.Sprintf("%s waits for %s", n.thread.task.Name, n.op.Loc)
		if bit, ok := n.op.BitLock(); ok {
			text = fmt.Sprintf("%s waits for %s", n.thread.task.Name, bit)
		}
		if n.code == machine.End {
			text = fmt.Sprintf("%s waits in %s", n.thread.task.Name, n.op.Prim)
		}
		if n.code == machine.Relax {
			text = n.thread.task.Name + " tries again for ever"
		} else {
			text += " (" + s.f.describe(v) + ")"
		}
		if r.Text != "" {
			r.Text += "; "
		}
		r.Text += text
		r.Related = append(r.Related, Related{text, n.thread.task.Name, n.op.Pos})
	}
	return r
}

func (s *state) leak(loc *machine.Loc, v value, t int) *Report {
	task := s.f.taskName(machine.TaskID(t))
	held := s.f.values[v].(machine.Holder).HeldBy(machine.TaskID(t))
	r := &Report{Kind: LeakedLock, Task: task, node: s.at[t]}
	if loc == s.f.m.Sections {
		r.Text = fmt.Sprintf("%s ends %s", task, held)
	} else {
		r.Text = fmt.Sprintf("%s ends with %s held %s", task, loc, held)
	}
	if n := s.at[t]; n != nil && n.up != nil {
		r.Pos = n.up.op.Pos
	}
	return r
}

// finally runs Kernel.Finally on the final state, alone.
func (s *state) finally() (*Report, error) {
	if s.f.final == nil {
		return nil, nil
	}
	trail := s.trail[:0]
	defer func() {
		for i := len(trail) - 1; i >= 0; i-- {
			s.undo(&trail[i])
		}
		s.at[machine.Setup], s.trail = nil, trail
	}()
	for s.at[machine.Setup] = s.f.final.root; s.at[machine.Setup].op != nil; {
		if s.choices(int(machine.Setup)) > 1 {
			return nil, &machine.MisuseError{Pos: s.at[machine.Setup].op.Pos, Text: "Choose in Finally", Cure: "choose in a task"}
		}
		n := s.at[machine.Setup]
		if n.loc >= 0 && !s.gone(n) && s.f.move(n, s.get(n.loc)).blocked {
			return s.deadlock(one(int(machine.Setup))), nil
		}
		ev, err := s.step(int(machine.Setup), 0)
		if err != nil || ev.fail != nil {
			return ev.fail, err
		}
		trail = append(trail, ev)
	}
	return nil, nil
}

// locate adds to a report where things happened in the execution that leads to it.
func (f *forest) locate(r *Report, trail []event) {
	switch r.Kind {
	case UseAfterFree, DoubleFree:
		for i := range trail {
			if n := trail[i].n; n.code == machine.Free && n.obj == r.node.obj && n != r.node {
				r.Related = append(r.Related, Related{"freed here", n.thread.task.Name, n.op.Pos})
			}
		}
		if o := r.node.op.Obj; o.Task != machine.Setup {
			for i := range trail {
				if n := trail[i].n; n.code == machine.Alloc && n.obj == r.node.obj {
					r.Related = append(r.Related, Related{"allocated here", n.thread.task.Name, n.op.Pos})
				}
			}
		}
	case Deadlock, LeakedLock:
		f.locateHolders(r, trail)
	case MemoryLeak:
		f.locateLost(r, trail)
	}
}

// locateHolders adds where the locks that are still held were taken: the last step that made its task a holder.
func (f *forest) locateHolders(r *Report, trail []event) {
	last := map[int32]value{}
	for i := range trail {
		if e := &trail[i]; e.n.loc >= 0 {
			last[e.n.loc] = e.new
		}
	}
	for i := range trail {
		e := &trail[i]
		t := one(e.task())
		if e.n.loc < 0 || f.holders[last[e.n.loc]]&t == 0 || f.holders[e.new]&t == 0 || f.holders[e.old]&t != 0 {
			continue
		}
		if f.releasedAfter(trail[i+1:], e.n.loc, t) {
			continue
		}
		text := fmt.Sprintf("%s took %s here", e.n.thread.task.Name, e.n.op.Loc)
		if e.n.code == machine.Enter {
			text = fmt.Sprintf("%s called %s here", e.n.thread.task.Name, e.n.op.Prim)
		}
		r.Related = append(r.Related, Related{text, e.n.thread.task.Name, e.n.op.Pos})
		if r.Kind == LeakedLock && e.n.thread.task.Name == r.Task {
			r.Pos = e.n.op.Pos
		}
	}
}

func (f *forest) releasedAfter(trail []event, loc int32, t tasks) bool {
	for i := range trail {
		if e := &trail[i]; e.n.loc == loc && f.holders[e.new]&t == 0 {
			return true
		}
	}
	return false
}
