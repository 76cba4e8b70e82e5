package explore

import (
	"slices"
	"strings"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
)

// A domain is what reads of one location may return.
type domain struct {
	values   []written
	accessed tasks
	stores   int // of all tasks together, at most
}

// A written value has tasks that some history has write it, and the fewest stores to the location that it takes: each step
// of a counter takes one, so that values beyond the number of stores in the program cannot occur.
type written struct {
	v     value
	by    tasks
	steps int
	live  bool // others may read it
}

// how says what a step is to the memory model.
type how uint8

const (
	howNothing how = iota // alloc, choose, the begin of a wait
	howFence
	howRead
	howWrite
	howRMW
	howFailed // an atomic or trylock that did not write
	howLock   // lock.cat: spin_lock
	howUnlock
	howLockFail
	howIsLocked
	howIsUnlocked
	howEnter
	howLeave
	howGrace // synchronize_rcu
	howIPI   // an interrupt to all CPUs was taken
	howCache // a translation begins to be used
	howEvict // and is used no more
	howFlush // nor by any CPU
	howFork
	howCallback // the beginning of a callback
	howFree
	howSemRead   // a lock whose readers commute, taken for reading: sem.go
	howSemNest   // the same again, and its end
	howSemUnread // the end
	howSemWrite  // taken for writing
	howSemDown   // and downgraded
)

// A taken is one step of one history.
type taken struct {
	n             *node
	old, new, ret value
	how           how
	child         *thread
	fault         *machine.Error // the step is one
	gone          bool           // the step reads an object that is free
}

// fixpoint walks all threads until no domain grows. Rounds beyond the number of stores add nothing real: a value that is
// carried from location to location takes a store each time.
func (a *axiomatic) fixpoint() {
	for round := 0; a.ok(); round++ {
		a.grew = false
		a.f.rounds++
		version, wholes := a.f.semVersion, len(a.f.whole)
		for i := 0; i < len(a.progs) && a.ok(); i++ {
			p := a.progs[i]
			p.stores = map[int32]int{}
			a.paths = 0
			w := walker{a: a, p: p, sections: a.f.inits[a.f.m.Sections.ID], leaf: func(*walker, ending, *Report) {}}
			w.walk(p.th.root)
		}
		if len(a.f.whole) != wholes {
			a.domains, a.freedBy, round = nil, nil, 0
		}
		a.grew = a.grew || a.f.semVersion != version
		total := a.promote()
		if !a.grew || round > total || a.exhausted() {
			return
		}
	}
}

// exhausted reports whether a bound of native runs was hit.
func (a *axiomatic) exhausted() bool { return a.runs > 0 && a.f.replays > a.runs }

// promote lets others read the values that were found and are possible. It returns the number of stores in the program.
func (a *axiomatic) promote() (total int) {
	most := map[machine.TaskID]map[int32]int{}
	for _, p := range a.progs {
		if most[p.task] == nil {
			most[p.task] = map[int32]int{}
		}
		for l, n := range p.stores {
			most[p.task][l] = max(most[p.task][l], n)
		}
	}
	for l := range a.domains {
		stores := 0
		for _, byLoc := range most {
			stores += byLoc[int32(l)]
		}
		total += stores
		d := &a.domains[l]
		a.grew = a.grew || d.stores != stores
		d.stores = stores
		for i := range d.values {
			if w := &d.values[i]; !w.live && w.steps <= stores {
				w.live, a.grew = true, true
			}
		}
	}
	return total
}

func (a *axiomatic) domain(loc int32) *domain {
	for len(a.domains) <= int(loc) {
		a.domains = append(a.domains, domain{})
	}
	return &a.domains[loc]
}

// found notes that a task writes a value.
func (a *axiomatic) found(task machine.TaskID, loc int32, v value, steps int) {
	d := a.domain(loc)
	for i := range d.values {
		if w := &d.values[i]; w.v == v {
			if w.by&one(int(task)) == 0 || steps < w.steps {
				a.grew = true
			}
			w.by |= one(int(task))
			w.steps = min(w.steps, steps)
			return
		}
	}
	d.values = append(d.values, written{v: v, by: one(int(task)), steps: steps})
	a.grew = true
}

func (a *axiomatic) steps(loc int32, v value) int {
	if v == a.f.inits[loc] {
		return 0
	}
	d := a.domain(loc)
	for i := range d.values {
		if d.values[i].v == v {
			return d.values[i].steps
		}
	}
	return 0
}

func (t *taken) writes() bool {
	switch t.how {
	case howWrite, howRMW, howLock, howUnlock, howSemWrite, howSemDown:
		return true
	}
	return false
}

func (t *taken) reads() bool {
	switch t.how {
	case howRead, howRMW, howFailed, howSemRead, howSemWrite, howSemDown:
		return true
	}
	return false
}

// An ending says how a history ends.
type ending uint8

const (
	ended  ending = iota
	stuck         // at a step that waits
	failed        // at a fault
)

// A walker walks all histories of one thread.
type walker struct {
	a        *axiomatic
	p        *prog
	path     []taken
	sections value
	leaf     func(*walker, ending, *Report)
}

// walk follows the thread from a history on.
func (w *walker) walk(n *node) {
	a := w.a
	a.spend(1)
	if a.paths++; a.paths&1023 == 0 && a.ctx.Err() != nil {
		return
	}
	if a.paths > a.patience || a.exhausted() {
		a.cut = true
		return
	}
	switch {
	case !a.ok():
		return
	case n.op == nil:
		w.leaf(w, ended, nil)
		return
	case n.code == machine.Fault:
		w.leaf(w, failed, faultAt(n, n.op.Err))
		return
	case n.code == machine.Relax: // as if the attempt had not been
		w.leaf(w, stuck, nil)
		return
	case len(w.path) >= a.limits.Steps || len(w.path) > maxPath:
		a.out.bound(BoundAccesses)
		return
	case n.obj >= 0 && w.freed(n.obj):
		w.leaf(w, failed, useAfterFree(n))
		return
	}
	n.walked = a.f.rounds
	if n.loc >= 0 {
		a.domain(n.loc).accessed |= one(int(w.p.task))
	}
	if w.poisonable(n) && n.code == machine.Load {
		for _, v := range w.olds(n) { // the task goes on with what the memory held, for what it does next may be what frees it
			w.take(taken{n: n, old: a.poison, new: a.poison, ret: v, how: howRead, gone: true})
		}
	} else if w.poisonable(n) {
		w.path = append(w.path, taken{n: n, old: a.poison, new: a.poison, how: howRead})
		w.leaf(w, failed, useAfterFree(n))
		w.path = w.path[:len(w.path)-1]
	}
	options, waits := w.options(n)
	if waits {
		w.leaf(w, stuck, nil)
	}
	for i := range options {
		if t := &options[i]; t.fault == nil {
			w.take(*t)
		} else {
			w.path = append(w.path, *t)
			w.leaf(w, failed, faultAt(n, t.fault))
			w.path = w.path[:len(w.path)-1]
		}
	}
}

// maxPath bounds the steps of a history: with MaxAccesses of memorder, and as many steps that are no accesses.
const maxPath = 160

// take goes on after one result.
func (w *walker) take(t taken) {
	a, n := w.a, t.n
	if t.reads() && !t.gone && !w.coherent(&t) {
		return
	}
	runs := a.f.replays
	k, err := a.f.next(n, t.ret)
	a.spend((a.f.replays - runs) * unitsPerRun)
	if err != nil {
		a.err = err
		return
	}
	to := k.to
	if k.child != nil {
		t.child = k.child
		a.prog(k.child)
	}
	if t.writes() {
		steps, stores := 1, 1
		for i := range w.path {
			if p := &w.path[i]; p.n.loc == n.loc && p.writes() {
				stores++
			}
			if p := &w.path[i]; p.n.loc == n.loc && p.reads() {
				steps = max(steps, a.steps(n.loc, p.old)+1)
			}
		}
		if t.how == howRMW {
			steps = max(steps, a.steps(n.loc, t.old)+1)
		}
		w.p.stores[n.loc] = max(w.p.stores[n.loc], stores)
		a.found(w.p.task, n.loc, t.new, steps)
	}
	if t.how == howFree {
		for len(a.freedBy) <= int(n.obj) {
			a.freedBy = append(a.freedBy, 0)
		}
		if a.freedBy[n.obj]&one(int(w.p.task)) == 0 {
			a.freedBy[n.obj] |= one(int(w.p.task))
			a.grew = true
		}
	}
	was := w.sections
	if t.how == howEnter || t.how == howLeave {
		w.sections = t.new
	}
	w.path = append(w.path, t)
	w.walk(to)
	w.path = w.path[:len(w.path)-1]
	w.sections = was
}

// coherent reports whether the values that the history finds at a location can follow each other there: each that is not
// what it found or left there last takes a store of another task. So a loop that tries again when a value has changed ends.
func (w *walker) coherent(t *taken) bool {
	foreign, known := 0, w.a.f.inits[t.n.loc]
	see := func(t *taken) {
		if t.reads() && !t.gone && t.old != known {
			foreign++
			known = t.old
		}
		if t.writes() {
			known = t.new
		}
	}
	for i := range w.path {
		if w.path[i].n.loc == t.n.loc {
			see(&w.path[i])
		}
	}
	see(t)
	return foreign <= w.a.domain(t.n.loc).stores
}

// freed reports whether the history itself freed the object.
func (w *walker) freed(obj int32) bool {
	return slices.ContainsFunc(w.path, func(t taken) bool { return t.how == howFree && t.n.obj == obj })
}

// poisonable reports whether the step may find its object freed by another task.
func (w *walker) poisonable(n *node) bool {
	if n.obj < 0 || n.loc < 0 || int(n.obj) >= len(w.a.freedBy) || w.a.freedBy[n.obj]&^one(int(w.p.task)) == 0 {
		return false
	}
	return n.code != machine.Store && !spin(n) && !w.nested(n) // these are looked for in co
}

// own returns the state of the location after the history's last write to it.
func (w *walker) own(loc int32) (value, bool) {
	for i := len(w.path) - 1; i >= 0; i-- {
		if t := &w.path[i]; t.n.loc == loc && t.writes() {
			return t.new, true
		}
	}
	return 0, false
}

// olds lists the states in which the step may find its location.
func (w *walker) olds(n *node) (olds []value) {
	a, self := w.a, one(int(w.p.task))
	own, wrote := w.own(n.loc)
	if wrote {
		olds = append(olds, own)
	} else {
		olds = append(olds, a.f.inits[n.loc])
	}
	for _, x := range a.domain(n.loc).values {
		if x.live && x.by&^self != 0 && !slices.Contains(olds, x.v) {
			olds = append(olds, x.v)
		}
	}
	switch n.code {
	case machine.Acquire, machine.Release, machine.Query:
		if !a.stolen { // nobody else takes a lock away or gives it
			held := wrote && a.f.holders[own]&self != 0
			olds = slices.DeleteFunc(olds, func(v value) bool { return a.f.holders[v]&self != 0 != held })
		}
	}
	return olds
}

// spin reports whether the step is on a spinlock, which lock.cat is about: memorder derives what it sees from the order of
// critical sections.
func spin(n *node) bool {
	switch n.code {
	case machine.Acquire, machine.Release, machine.Query:
		return strings.HasPrefix(n.op.Prim, "spin_")
	}
	return false
}

// options lists the results that a step can have, and whether it may have to wait.
func (w *walker) options(n *node) (options []taken, waits bool) {
	a := w.a
	one := func(h how) []taken { return []taken{{n: n, how: h}} }
	switch n.code {
	case machine.Fence:
		return one(howFence), false
	case machine.Store:
		return []taken{{n: n, new: n.arg, how: howWrite}}, false
	case machine.Alloc:
		return []taken{{n: n, ret: n.arg}}, false
	case machine.Free:
		return one(howFree), false
	case machine.Choose:
		for i := range n.op.Choices {
			options = append(options, taken{n: n, ret: a.f.intern(i)})
		}
		return options, false
	case machine.Enter, machine.Leave:
		mv := *a.f.move(n, w.sections)
		if mv.fault != nil {
			return []taken{{n: n, fault: mv.fault}}, false
		}
		return []taken{{n: n, old: mv.old, new: mv.new, ret: mv.ret, how: howEnter + how(n.code-machine.Enter)}}, false
	case machine.Cache, machine.Evict:
		return one(howCache + how(n.code-machine.Cache)), false
	case machine.Begin, machine.Fork, machine.End:
		return w.waitOptions(n), false
	}
	return w.stateOptions(n)
}

// waitOptions are those of grace periods. Which sections are open when one begins is for the RCU axiom to say.
func (w *walker) waitOptions(n *node) []taken {
	a := w.a
	t := taken{n: n}
	switch {
	case n.code == machine.Fork:
		t.how = howFork
	case n.code == machine.Begin:
	case n.op.CPUs != 0:
		t.how = howFlush
	case n.op.IPI:
		t.how = howIPI
	case n.op.Prim == "rcu_callback":
		t.how = howCallback
	default:
		t.how = howGrace
	}
	if n.loc == int32(a.f.m.Sections.ID) {
		if fault := a.f.move(n, w.sections).fault; fault != nil {
			return []taken{{n: n, fault: fault}}
		}
	}
	t.ret = a.f.move(n, a.f.inits[n.loc]).ret
	return []taken{t}
}

// stateOptions are those of a step that depends on the state of its location.
func (w *walker) stateOptions(n *node) (options []taken, waits bool) {
	a := w.a
	if n.step() != machine.NoSem {
		return w.semOptions(n)
	}
	if n.code == machine.Release && n.op.Anytime && !a.stolen {
		a.stolen, a.grew = true, true
	}
	for _, old := range w.olds(n) {
		mv := *a.f.move(n, old)
		switch {
		case mv.blocked:
			waits = true
			continue
		case mv.fault != nil:
			t := taken{n: n, old: old, new: old, how: howFailed, fault: mv.fault}
			if spin(n) { // an unlock of a lock that the task does not hold
				t.how = howNothing
			}
			options = append(options, t)
			continue
		}
		t := taken{n: n, old: old, new: mv.new, ret: mv.ret, how: howOf(n, &mv, a.f.holders[old] != 0)}
		if spin(n) && slices.ContainsFunc(options, func(o taken) bool { return o.how == t.how }) {
			continue // lock.cat does not say whose critical section came before
		}
		options = append(options, t)
	}
	return options, waits
}

// howOf says what a step with this outcome is to the memory model; locked says whether somebody held the lock before.
func howOf(n *node, mv *move, locked bool) how {
	wrote := mv.new != mv.old
	switch {
	case n.code == machine.Load || n.code == machine.Await:
		return howRead
	case spin(n) && n.code == machine.Query:
		if locked {
			return howIsLocked
		}
		return howIsUnlocked
	case spin(n) && n.code == machine.Release:
		return howUnlock
	case spin(n) && wrote:
		return howLock
	case spin(n):
		return howLockFail
	case n.code == machine.Query:
		return howRead
	case wrote || n.code == machine.RMW && !n.op.Conditional():
		return howRMW
	}
	return howFailed
}
