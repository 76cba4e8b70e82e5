package live

import (
	"fmt"
	"strings"

	"github.com/mmvet/mmvet/lockorder"
)

// A ProbeKind is how a program gets to its moment.
type ProbeKind string

// The kinds of probes.
const (
	Tracepoint    ProbeKind = "tracepoint"     // BTF-typed raw tracepoint (tp_btf)
	RawTracepoint ProbeKind = "raw_tracepoint" // arguments are numbers
	Iterator      ProbeKind = "iterator"       // BPF iterator
	Entry         ProbeKind = "fentry"         // entry of a function
)

// A Probe is where a program attaches.
type Probe struct {
	Kind   ProbeKind
	Target string
}

// String returns "tracepoint exit_mmap".
func (p Probe) String() string { return string(p.Kind) + " " + p.Target }

// An Arg says where the object that clauses call by a root name comes from.
type Arg struct {
	Root string
	Type string // kernel struct that it points to; "" for a number
	From From
	N    int // FromArg: which of the probe's arguments of that type; FromField: the argument behind which the path starts
}

// From is where a program finds an object.
type From uint8

// The places.
const (
	FromArg     From = iota // an argument of the probe, a typed pointer or a number
	FromVoid                // an argument that the probe declares as void pointer
	FromCurrent             // the current task
	FromMM                  // the current task's mm
	FromTracked             // the mm whose mmap lock the task took last, as programs remember
	FromCPU                 // the processor
)

// A Guard is a condition of a site: what must be true of the event for the site to be meant.
type Guard uint8

// The guards. They name events, and state no rule.
const (
	IfWrite     Guard = iota // the first bool argument is true
	IfRead                   // it is false
	IfSuccess                // the second bool argument is true
	IfDowngrade              // the current task has mm's mmap lock for writing
	UnlessDown               // it has not
	IfOwnTree                // the maple state's tree is that of the current task's mm
	IfVMA                    // the stored value is a pointer
	IfKnown                  // something is remembered of the task
	IfTracked                // the task is known to hold an mmap lock
	IfSync                   // the function to be called elsewhere is tlb_remove_table_smp_sync
	IfFlush                  // it is flush_tlb_func
	IfRemote                 // the TLB flush is a remote shootdown
	IfSleepable              // the contended lock is no spinning lock and no per-CPU one
	IfVMACache               // the freed object is a VMA
	IfOneStatus              // the int argument "status" is SCAN_SUCCEED
)

// Track is what a site does to what is remembered of the task.
type Track uint8

// The effects.
const (
	NoTrack    Track = iota
	TakeRead         // one more read lock of mmap
	TakeWrite        // one more write lock
	DropRead         // one less
	DropWrite        // one less
	Downgrade        // a write lock becomes a read lock
	Reset            // nothing is held any more
	Forget           // the task is gone
	CountIPI         // an IPI for a TLB flush is under way to the processor
	ConsumeIPI       // it has arrived
)

// A Site is one event that programs see: where, of which objects, and what it means in terms of the contract.
type Site struct {
	Name  string
	Probe Probe
	Args  []Arg
	When  []Guard
	Says  []Say
	Track Track
	// Tracked: facts may say what programs remember of the task.
	Tracked bool
	// Stream: each event goes to user space, because a decision needs the task's history, or because it is rare.
	Stream bool
	// Sampled: each event of one task in some goes to user space, so that histories are decided whole.
	Sampled bool
	Needs   string // another site, without which this one tells nothing
	Means   string // for the reader
}

// A Say is what an event means: a function is entered or has returned, a field is accessed, a class has an invariant, or
// something happens that a clause can say.
type Say struct {
	kind sayKind
	name string            // function, guard "type.field", class
	bind map[string]string // root in the clauses → path at the site
	text string            // clauses
	past bool              // decided with the task's history
}

type sayKind uint8

const (
	sayEntry sayKind = iota
	sayReturn
	sayWrite
	sayClass
	sayText
)

func entry(fn string, bind ...string) Say { return Say{kind: sayEntry, name: fn, bind: pairs(bind)} }
func returned(fn string, bind ...string) Say {
	return Say{kind: sayReturn, name: fn, bind: pairs(bind)}
}
func write(field, self string) Say {
	return Say{kind: sayWrite, name: field, bind: map[string]string{"self": self}}
}
func invariant(class, of string) Say {
	return Say{kind: sayClass, name: class, text: fmt.Sprintf("acquires %s(%s) write", class, of)}
}
func happens(text string) Say { return Say{kind: sayText, text: text} }
func effects(fn string) Say   { return Say{kind: sayEntry, name: fn, past: true} }
func history(text string) Say { return Say{kind: sayText, text: text, past: true} }

func pairs(s []string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(s); i += 2 {
		m[s[i]] = s[i+1]
	}
	return m
}

// A reader reads what sites say in the light of a contract, each text once.
type reader struct {
	p    *lockorder.Profile
	memo map[string]*lockorder.Func
}

func newReader(p *lockorder.Profile) *reader { return &reader{p, map[string]*lockorder.Func{}} }

// fn returns the contract that s speaks of, nil if there is none in this release.
func (r *reader) fn(s Say, roots []string) *lockorder.Func {
	switch s.kind {
	case sayEntry, sayReturn:
		return r.p.Func(s.name)
	case sayClass:
		if r.p.Class(s.name) == nil {
			return nil
		}
	case sayWrite:
		return nil
	}
	key := strings.Join(append(roots, s.text), " ")
	f, ok := r.memo[key]
	if !ok {
		f = r.parse(s, roots)
		r.memo[key] = f
	}
	return f
}

// parse reads clauses. If the contract does not know an operation or a class of theirs any more, there is nothing to decide.
func (r *reader) parse(s Say, roots []string) *lockorder.Func {
	clauses, err := lockorder.ParseClauses(lockorder.Position{File: "live"}, s.text, roots, nil)
	if err == nil {
		err = r.p.Contract.Resolve(clauses)
	}
	if err != nil {
		return nil
	}
	name := "the kernel"
	if s.kind == sayClass {
		name = s.name
	}
	return &lockorder.Func{Name: name, Params: roots, Clauses: clauses}
}

// guard returns the guard that s speaks of, nil if there is none.
func (s Say) guard(p *lockorder.Profile) *lockorder.Guard {
	typ, field, _ := strings.Cut(s.name, ".")
	return p.Guard(lockorder.Field{Type: typ, Name: field})
}

// roots returns the names by which clauses call the objects of the site.
func (s *Site) roots() []string {
	var roots []string
	for _, a := range s.Args {
		roots = append(roots, a.Root)
	}
	return roots
}

// FunctionSite returns the site of a function's entry, for kernels where programs can attach there.
func FunctionSite(fn string, args []Arg) *Site {
	return &Site{
		Name: "fentry/" + fn, Probe: Probe{Entry, fn}, Args: args, Says: []Say{entry(fn)}, Means: fn + " is entered",
	}
}

// A Skipped is a site that cannot be seen on this kernel, and why.
type Skipped struct {
	Site   string `json:"site"`
	Probe  string `json:"probe"`
	Reason string `json:"reason"`
}

// Balance says whether t counts locks, so that all sites that do so are needed together.
func (t Track) Balance() bool { return t >= TakeRead && t <= Reset }
