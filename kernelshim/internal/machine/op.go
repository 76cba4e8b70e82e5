package machine

import "github.com/mmvet/mmvet/memorder"

// A Code says what kind of step an Op is.
type Code uint8

// The codes of ops.
const (
	Load    Code = iota // reads Loc
	Store               // writes Arg to Loc
	RMW                 // atomic read-modify-write of Loc
	Await               // a read of Loc that blocks until Do accepts the value
	Fence               // orders; touches nothing
	Acquire             // takes a lock (Loc); blocks, or for a trylock fails
	Release             // gives a lock back, wholly (unlock) or partly (downgrade)
	Query               // looks at a lock's state
	Enter               // opens a read-side section: RCU, irqs off, preemption off
	Leave               // closes one
	Begin               // starts a wait: records which sections are open
	End                 // ends a wait: blocks until those sections are closed
	Fork                // Begin, and makes Child a task that starts with End
	Alloc               // Obj is born; the result is Arg
	Free                // Obj dies
	Choose              // result is any of 0 … Choices-1
	Relax               // the attempt since the last one has failed; the task tries again
	Fault               // the task reports an error: BUG_ON, a failed assertion, a crash
	Cache               // the task's TLB caches a translation (Loc); a flush is a wait (Begin, End) until it is gone
	Evict               // it drops it
)

var codeNames = [...]string{"load", "store", "rmw", "await", "fence", "acquire", "release", "query", "enter", "leave",
	"begin", "end", "fork", "alloc", "free", "choose", "relax",
	"fault", "cache", "evict"}

func (c Code) String() string { return codeNames[c] }

// An Access says with which other steps on the same location a step commutes. Steps of equal access commute unless both
// are Writes; steps of different access do not.
type Access uint8

// The accesses. Readers is a class of updates that commute with each other but not with Reads.
const (
	Local   Access = iota // touches no state of Loc: commutes with everything
	Reads                 // looks only
	Writes                // updates
	Readers               // reader side of a lock, or one task's own section: such updates commute
)

// Conflicts reports whether two accesses to one location do not commute.
func (a Access) Conflicts(b Access) bool {
	if a == Local || b == Local {
		return false
	}
	return a != b || a == Writes
}

// An Op is a step that a task wants to take.
type Op struct {
	Code   Code
	Tag    memorder.Tag
	Access Access
	Prim   string  // kernel primitive: "READ_ONCE", "down_write"
	Loc    *Loc    // nil for Fence, Alloc, Free, Choose, Fault
	Obj    *Object // Alloc, Free; otherwise Loc.Obj
	Arg    any     // value stored or operand; compared in replays and shown in traces

	Sem     SemStep               // what the step is to a lock with readers, which commute
	Do      func(old any) Outcome // the guarded update; nil for Store and for ops without Loc
	Anytime bool                  // Acquire: fails instead of blocking; Release: by any task, not only the holder
	IPI     bool                  // Begin, End: of an interrupt to all CPUs, not of a grace period
	Domain  *Loc                  // Cache, Evict, End: the domain of SRCU that it is about, if it is not about TLBs
	CPUs    uint16                // Begin, End: of a flush of the TLBs of these tasks, a set of TaskIDs; not 0
	Choices int                   // Choose
	Child   func(open any)        // Fork: the callback, given the result of the fork
	Name    string                // Fork: the callback's name

	Before memorder.Tag // a fence that an engine puts before the step; Plain: none

	// Filled in by Replay.
	Deps  Deps // that the task states
	Pos   Pos
	Calls []Call // kernel functions entered and not left, outermost first
	Err   *Error // Fault
}

// SamePlace reports whether two ops are of one call in the source, as far as a line tells.
func (op *Op) SamePlace(o *Op) bool { return op.Pos == o.Pos && op.Prim == o.Prim && op.Code == o.Code }

// A SemStep says what a step is to a lock that one writer or many readers hold.
type SemStep uint8

// The steps.
const (
	NoSem        SemStep = iota // no such lock
	SemRead                     // takes it for reading, or fails as a trylock
	SemUnread                   // ends the task's own read lock
	SemWrite                    // takes it for writing
	SemUnwrite                  // ends that
	SemDowngrade                // makes it a read lock
	SemWhole                    // must know at once all who hold it
)

// An Outcome is what a guarded update does.
type Outcome struct {
	New     any    // state afterwards
	Ret     any    // what the task gets
	Blocked bool   // not now: the step is disabled
	Fault   *Error // the step is an error: unlocking a lock that is not held
}

// An Error is an error of the code under test, as far as the shim can tell it.
type Error struct {
	Kind string // "bug", "oops", "bad-unlock", … : the kinds of package explore
	Text string
}

// A Call is a kernel function with its arguments.
type Call struct {
	Func string // kernel spelling: "mmap_write_lock"
	Args []any
	Pos  Pos
}

// A Note records that a task entered a kernel function, or left it with a result.
type Note struct {
	Leave bool
	Call  *Call
	Ret   any // Leave: the result, or nil
}

// A Holder is a lock state that knows who holds it. HeldBy returns how t holds it ("for write"), or "" if it does not.
type Holder interface{ HeldBy(t TaskID) string }

// A Describer is a state whose text needs the names of tasks: "W by khugepaged".
type Describer interface {
	Describe(name func(TaskID) string) string
}
