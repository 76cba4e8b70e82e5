package lockorder

import (
	"slices"
	"strings"
)

// A Verb is what a clause says.
type Verb uint8

// The verbs. In brackets: where they may stand.
const (
	Requires   Verb = iota // locks that must be held on entry (func, op), or to access (guard)
	Excludes               // a lock that must not be held (func, op)
	Acquires               // a lock held on return, not on entry (func)
	Releases               // a lock held on entry, not on return (func)
	Downgrades             // a write lock that is a read lock on return (func)
	Drops                  // a caller's lock released and taken again inside (func)
	Begins                 // opens a pair (func)
	Ends                   // closes a pair (func)
	Does                   // performs an op (func)
	Sleeps                 // may sleep (func)
	NoSleep                // is entered in atomic context: must not sleep (func, for function-typed fields)
	Same                   // two paths name one object from the return on (func)
	Calls                  // calls a parameter: now, later or in a task of its own (func)
	Reads                  // reads a field of an object (func)
	Writes                 // writes a field of an object (func)
	Inside                 // must stand inside an open pair (op)
	Knows                  // a condition that must be known to be true under the locks held (op, func)
	Then                   // a duty: one of some ops must follow before another op or a release (op)
	Tells                  // a condition that is true on return (func)
	// Lends: an object that may be used only as long as a need is met without a break: a result by the caller from the
	// return on, an argument by the function from its entry on (func)
	Lends
	Frees // an object that must not be used from the return on (func)
)

var verbNames = [...]string{
	"requires", "excludes", "acquires", "releases", "downgrades", "drops", "begins", "ends", "does", "sleeps", "nosleep",
	"same", "calls", "reads", "writes", "inside", "knows", "then",
	"tells", "lends", "frees",
}

// String returns v in the contract language.
func (v Verb) String() string { return verbNames[v] }

// A CallTime is when a function calls its parameter.
type CallTime uint8

// The times.
const (
	CallNow   CallTime = iota // before it returns, under the locks of its caller
	CallLater                 // at some time after it returned: no locks can be assumed
	CallTask                  // in a task of its own: no locks are held
)

var callTimeNames = [...]string{"now", "later", "task"}

// String returns t in the contract language.
func (t CallTime) String() string { return callTimeNames[t] }

// An Apply is the use of an op or pair on objects: remove_table(vma, pmdp).
type Apply struct {
	Name string
	Args []Path
	Pos  Position
}

// String returns a in the contract language.
func (a Apply) String() string {
	if len(a.Args) == 0 {
		return a.Name
	}
	parts := make([]string, len(a.Args))
	for i, p := range a.Args {
		parts[i] = p.String()
	}
	return a.Name + "(" + strings.Join(parts, ", ") + ")"
}

// A Duty is what an op leaves to be done: one of Then must happen before Before, or before a lock of class Release is
// released.
type Duty struct {
	Then    []string // ops, any of which does
	Before  string   // an op; empty if Release is set
	Release string   // a lock class; empty if Before is set
}

// String returns d in the contract language, without its verb.
func (d Duty) String() string {
	s := strings.Join(d.Then, " | ") + " before "
	if d.Release != "" {
		return s + "release " + d.Release
	}
	return s + d.Before
}

// A Field names a field of a kernel struct: vm_area_struct.vm_flags.
type Field struct{ Type, Name string }

// String returns f in the contract language.
func (f Field) String() string { return f.Type + "." + f.Name }

// A Clause is one sentence of a contract. Which fields count depends on the verb.
type Clause struct {
	Verb Verb
	Need Need     // Requires; Lends: for how long
	Lock LockExpr // Excludes, Acquires, Releases, Downgrades, Drops; Calls: held around the call, or zero
	Mode Mode     // Excludes, Acquires, Releases, Drops; Requires of a class: the mode whose taking requires it
	Try  bool     // Acquires: may fail without waiting, hence no order edge
	// Handle is the result that stands for the lock from then on, as the ptl that pmd_lock returns; zero if none.
	Handle Path
	Use    Apply // Begins, Ends, Does, Inside
	// Over are the addresses that a Does is about: none, one for the page there, or the start and the end of a range.
	Over  []Path
	Left  Path     // Same
	Right Path     // Same; Calls: the parameter; Reads, Writes, Lends, Frees: the object
	Field Field    // Reads, Writes
	When  CallTime // Calls
	Duty  Duty     // Then
	Tell  Cond     // Tells
	If    Cond     // in force only when this holds on entry (Knows: what must be known)
	On    Cond     // takes effect only when this holds of the results
	Span  Span
	From  []Provenance
	Pos   Position
	// Owner is the canonical name of what the clause belongs to: "func collapse_and_free_pmd",
	// "op remove_table/classic", "guard vm_area_struct.vm_flags write".
	Owner string

	// stated is the clause as the text has it, if this one is what is left of it in a release.
	stated *Clause
}

// Key names the clause within its contract: owner, verb and what it speaks of. It is stable under reordering and
// reformatting and the same in every release, and is what findings and evidence refer to.
func (c *Clause) Key() string {
	if c.stated != nil {
		return c.stated.Key()
	}
	return c.Owner + ": " + c.Body()
}

// Provenance returns where the clause was first read, or its own position if it does not say.
func (c *Clause) Provenance() string {
	if len(c.From) > 0 {
		return c.From[0].String()
	}
	return c.Pos.String()
}

// Body returns the clause in the contract language, without span and provenance.
func (c *Clause) Body() string {
	s := c.Verb.String()
	if object := c.object(); object != "" {
		s += " " + object
	}
	if c.Verb == Knows {
		return s
	}
	if c.Verb == Requires && c.Mode != AnyMode {
		s += " to " + c.Mode.String()
	}
	if len(c.If) > 0 {
		s += " if " + c.If.String()
	}
	if len(c.On) > 0 {
		s += " on " + c.On.String()
	}
	return s
}

func (c *Clause) object() string {
	switch c.Verb {
	case Requires:
		return c.Need.String()
	case Excludes, Drops, Downgrades:
		return c.lockText()
	case Acquires, Releases:
		s := c.lockText()
		if c.Try {
			s += " try"
		}
		if c.Handle.Root != "" {
			s += " as " + c.Handle.String()
		}
		return s
	case Begins, Ends, Does, Inside:
		s := c.Use.String()
		for i, p := range c.Over {
			s += [...]string{" over ", " to "}[i] + p.String()
		}
		return s
	case Same:
		return c.Left.String() + " == " + c.Right.String()
	case Calls:
		s := c.Right.String() + " " + c.When.String()
		if c.Lock.Class != "" {
			s += " under " + c.Lock.String()
		}
		return s
	case Reads, Writes:
		return c.Field.String() + "(" + c.Right.String() + ")"
	case Knows:
		return c.If.String()
	case Then:
		return c.Duty.String()
	case Tells:
		return c.Tell.String()
	case Lends:
		return c.Right.String() + " while " + c.Need.String()
	case Frees:
		return c.Right.String()
	}
	return ""
}

func (c *Clause) lockText() string {
	if c.Mode == AnyMode {
		return c.Lock.String()
	}
	return c.Lock.String() + " " + c.Mode.String()
}

// Mentions says whether a path of the clause starts at root.
func (c *Clause) Mentions(root string) bool {
	paths := []Path{c.Lock.Of, c.Handle, c.Left, c.Right}
	paths = append(append(paths, c.Use.Args...), c.Over...)
	for _, t := range append(slices.Clip(c.If), c.On...) {
		paths = append(paths, t.Path)
	}
	return slices.ContainsFunc(paths, func(p Path) bool { return p.Root == root }) || c.Need.mentions(root)
}
