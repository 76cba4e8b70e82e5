package explore

import (
	"context"

	"github.com/mmvet/mmvet/kernelshim/internal/machine"
	"github.com/mmvet/mmvet/memorder"
)

// A MemoryModel says which values a read may return.
type MemoryModel uint8

// The memory models.
const (
	SC   MemoryModel = iota // sequential consistency: the newest value
	LKMM                    // the Linux kernel memory model, tools/memory-model: whatever package memorder permits
)

// WithMemoryModel chooses the memory model that a scenario is explored under; SC unless said otherwise.
func WithMemoryModel(m MemoryModel) Option {
	return func(c *config) { c.model = m }
}

// axiomatic is the engine that knows all of the Linux kernel memory model: it enumerates the candidate executions of the tasks,
// and package memorder says which of them the model allows.
//
// Each task alone is walked along all its histories, where a read may return whatever some other task was found to write
// there (domain.go): a least fixpoint, so no value comes out of thin air, and reads of values that are written later in
// program order (load buffering) are included. A history is turned into the events of memorder (history.go), with the
// dependencies that the trie shows (depend.go). One history of each task is a combination (combine.go); memorder's
// Enumerator lists its coherent choices of what each read sees and in which order writes reach memory.
//
// A history may also end early: at a fault, or at a step that waits. An execution with one that waits counts only if what
// it waits for does not hold in the end, so deadlocks are found, and faults of a task that keeps others waiting.
type axiomatic struct {
	f       *forest
	ctx     context.Context
	limits  Limits
	out     *outcome
	err     error
	sources int    // chosen for reads
	effort  int    // units of work until giveUp is called; endless if that is nil
	giveUp  func() // ends the exploration

	domains  []domain // by location ID
	freedBy  []tasks  // by object ID
	progs    []*prog  // all threads that histories can start
	progOf   map[*thread]*prog
	requests map[*thread]int32 // by callback: the location that call_rcu publishes it in
	stolen   bool              // a lock can be released by somebody else: holders prove nothing
	strict   strictness        // more dependencies than there are
	grew     bool
	cut      bool
	patience int  // histories of a task that are walked
	runs     int  // of native code by the forest, after which no more are walked; 0: no bound
	unknown  bool // not all were
	poison   value
	paths    int

	numbers  map[int32]int // compact numbers of locations, by ID
	locs     []int32       // and back
	depends  map[*node]dependence
	reached  map[*node]*reach
	passed   effects // room for compare
	pairs    map[content]int
	list     []*prog // of the combination being built
	chosen   []*history
	threads  []*memorder.Thread
	init     []uint64
	initial  []bool // by pair
	given    []int
	needed   []int
	atomics  []int
	most     map[machine.TaskID][]int // by pair: the most writes of any history
	enum     memorder.Enumerator
	halt     bool
	mayRace  bool
	examined int

	path    []uint16 // of revisits: the alternatives that lead to the graph
	recipe  string   // of samples: how to take this one again
	seek    string   // replays: the hash of the trace to find
	race    *witness
	witness func(*memorder.Execution, []*history) // tests
}

// A poisoned word is one of an object that was freed.
type poisoned struct{}

// maxHistories bounds the histories of one task: combining more of them does not end within any budget.
const maxHistories = 1 << 18

// What a unit of work is worth, about a microsecond.
const (
	sourcesPerUnit = 8  // choices of what a read sees
	unitsPerRun    = 16 // of native code
)

// The bounds of this engine.
const (
	BoundHistories Bound = "histories of a task"
	BoundAccesses  Bound = "64 accesses of a task"
)

func (*axiomatic) name(depends Dependencies) string {
	return "LKMM, axiomatic enumeration, " + depends.String()
}

func (a *axiomatic) explore(ctx context.Context, f *forest, limits Limits, out *outcome) error {
	return f.settled(out, func() error { return a.exploreOnce(ctx, f, limits, out) })
}

func (a *axiomatic) exploreOnce(ctx context.Context, f *forest, limits Limits, out *outcome) error {
	old := *a
	*a = *newAxiomatic(ctx, f, limits, out)
	a.seek, a.witness, a.effort, a.giveUp = old.seek, old.witness, old.effort, old.giveUp
	a.fixpoint()
	for i := 0; i < len(a.progs) && a.ok(); i++ {
		a.collect(a.progs[i])
	}
	if a.cut {
		out.bound(BoundHistories)
	}
	if a.ok() {
		a.number()
		a.combine()
	}
	if a.err == nil && a.ctx.Err() != nil {
		out.bound(boundOf(a.ctx))
	}
	a.keepRace()
	return a.err
}

// keepRace makes a data race the failure, if there is nothing worse and it is not something else that is looked for.
func (a *axiomatic) keepRace() {
	found := a.race != nil && (a.seek == "" || a.f.traceHash(a.race.trail) == a.seek)
	if found && (a.out.fail == nil || a.limits.want == DataRace) {
		a.race.drawer.nameRace()
		a.out.fail, a.out.weak = a.race.report, a.race
	}
}

// newAxiomatic returns an engine that knows the tasks, but nothing of what they do.
func newAxiomatic(ctx context.Context, f *forest, limits Limits, out *outcome) *axiomatic {
	a := &axiomatic{f: f, ctx: ctx, limits: limits, out: out, progOf: map[*thread]*prog{}, requests: map[*thread]int32{},
		numbers: map[int32]int{}, depends: map[*node]dependence{}, reached: map[*node]*reach{}, pairs: map[content]int{},
		most: map[machine.TaskID][]int{}, patience: maxHistories, poison: f.intern(poisoned{})}
	for _, th := range f.threads {
		a.prog(th)
	}
	return a
}

// spend counts units of work: a step of a history, a combination, a candidate. Work ends an exploration where time would make
// the result depend on the machine.
func (a *axiomatic) spend(units int) {
	was := a.effort
	if a.effort -= units; was > 0 && a.effort <= 0 && a.giveUp != nil {
		a.giveUp()
	}
}

// spent is spend for who goes on or not.
func (a *axiomatic) spent() bool {
	a.spend(1)
	return a.ok()
}

// ok reports whether the exploration may go on.
func (a *axiomatic) ok() bool { return a.err == nil && !a.halt && a.ctx.Err() == nil }

// prog returns the program of a thread.
func (a *axiomatic) prog(th *thread) *prog {
	p := a.progOf[th]
	if p == nil {
		p = &prog{th: th, task: th.task.ID}
		a.progOf[th] = p
		a.progs = append(a.progs, p)
	}
	return p
}

// A prog is one thread of executions: a task, or a callback after one history of the task that asked for it.
type prog struct {
	th        *thread
	task      machine.TaskID
	histories []*history
	stores    map[int32]int // by location: the most stores of any history
}
