package lockorder

import "slices"

// A Contract is the set of rules that one text states. It is pure: reading the same text gives the same Contract
// everywhere. A resolved Contract (from Parse) is immutable and safe for concurrent use.
type Contract struct {
	Name      string
	Classes   []*Class
	Orders    []*Order
	Nests     []*Nest
	Lets      []*Let
	Funcs     []*Func
	Guards    []*Guard
	Ops       []*Op
	Pairs     []*Pair
	Protocols []*Protocol
}

// A Class is a lock class: all locks that play one part.
type Class struct {
	Name  string
	Kind  Kind
	Of    string   // the type of the object that it belongs to; "" for a global class
	At    string   // the field that holds the lock; "" if it is the object itself or no field
	Subs  []string // subclasses, for nesting and for second ranks
	Needs []*Clause
	Ends  []Ending
	// NoUnlock: there is no unlock; only Ends end it.
	NoUnlock bool
	Span     Span
	From     []Provenance
	Pos      Position
}

// Unbalanced says whether holdings in mode m are not given back by whoever took them: nothing unlocks them, or another task
// or function does. Then taking it twice is taking it once, holding it on return is no leak, and giving up what is not held
// is no bug. It is so for all modes that end by themselves; for all modes of a class without ends.
func (k *Class) Unbalanced(m Mode) bool {
	return k.NoUnlock && (len(k.Ends) == 0 || slices.ContainsFunc(k.Ends, func(e Ending) bool {
		return e.Mode == AnyMode || e.Mode == m
	}))
}

// An Ending says that an operation on another lock ends a lock: a VMA write lock ends when its mmap lock is released or
// downgraded.
type Ending struct {
	Mode Mode     // which holdings end
	On   Verb     // Releases or Downgrades
	Of   LockExpr // relative to "self", the object of the ended lock
	Pos  Position
}

// An Order is one declaration of lock order: every lock of an earlier set is taken before every lock of a later one.
type Order struct {
	Chain [][]string // class or class:sub
	// Never: the last set must not follow from the first, a check on the contract itself.
	Never bool
	Span  Span
	From  []Provenance
	Pos   Position
}

// A Nest licenses holding two locks of one class.
type Nest struct {
	Class string
	// By is "address" (ascending), "subclass" or "any".
	By string
	// While, if it has a class, is the lock that must be held for writing meanwhile.
	While LockExpr
	Span  Span
	From  []Provenance
	Pos   Position
}

// A Let names a Need, so that tables of the kernel's documents stand once.
type Let struct {
	Name   string
	Params []string
	Need   Need
	From   []Provenance
	Pos    Position
}

// A Func is the contract of a function, of a function-typed field or of an interface method (Name is then type.field).
type Func struct {
	Name     string
	Params   []string // "_" for a parameter without a name
	Variadic bool     // ends in "...": further parameters exist
	Results  []string
	Clauses  []*Clause
	Span     Span
	From     []Provenance
	Pos      Position
}

// An AccessKind is how a field is accessed.
type AccessKind uint8

// The accesses. Set and Clear are writes that change a nil field, or make it nil; a guard without them uses Write.
const (
	ReadAccess AccessKind = iota
	WriteAccess
	SetAccess
	ClearAccess
	InitAccess // before the object is published
	// SettleAccess is no access but a state: while its need is met, what is read of the field may be relied on, although
	// others can change it, because they need one of these locks to act on the change.
	SettleAccess
)

var accessNames = [...]string{"read", "write", "set", "clear", "init", "settle"}

// String returns k in the contract language.
func (k AccessKind) String() string { return accessNames[k] }

// A Guard says what protects a field.
type Guard struct {
	Field  Field
	Access []*Access
	Span   Span
	From   []Provenance
	Pos    Position
}

// An Access is one row of a guard.
type Access struct {
	Kind   AccessKind
	Clause *Clause // verb Requires; nil if no lock is needed or none suffices
	// Unpublished: allowed only before the object is published.
	Unpublished bool
	// Lockless: allowed without any lock, with the marking.
	Lockless bool
	// Marked is how the access must be marked: "once", "release", "acquire", "atomic", or "" for no demand.
	Marked string
	// By are the only functions that may make the access; empty for any.
	By   []string
	Note string // what a lock rule cannot say, for the reader
	Span Span
	From []Provenance
	Pos  Position
}

// An Op is an operation on kernel objects that has rules of its own: traverse, install, zap, move, remove or free a page
// table, flush, sync. It is legal if any of its regimes is met.
type Op struct {
	Name    string
	Params  []string
	Regimes []*Regime // none: the op is only an event that duties wait for
	From    []Provenance
	Pos     Position
}

// A Regime is one set of rules under which an op is legal.
type Regime struct {
	Name    string // "" if the op has one regime
	Clauses []*Clause
	Span    Span
	From    []Provenance
	Pos     Position
}

// A Pair is a bracket that must be closed on every path: notifier start and end.
type Pair struct {
	Name string
	// LIFO: brackets of this pair close in the reverse order of opening.
	LIFO bool
	From []Provenance
	Pos  Position
	// class stands for the pair among the things that a task holds.
	class *Class
}

// Class returns the class under which a task holds an open bracket of this pair; its kind is Token.
func (p *Pair) Class() *Class { return p.class }

// A Protocol says how a value is published from one task to another without a common lock.
type Protocol struct {
	Name    string
	Flag    Field   // the word that is stored last and loaded first
	Payload []Field // what it publishes
	Steps   []*ProtocolStep
	From    []Provenance
	Pos     Position
}

// A ProtocolStep is one rule of a protocol: a store, load or fence that must have an order, or a function that must be called.
type ProtocolStep struct {
	// Kind is "store", "load", "fence" or "call".
	Kind string
	// Order is "release", "acquire", "once", "plain", "dependency", "mb", "wmb" or "rmb"; of a call the function.
	Order string
	In    []string // functions that the step stands in
	// After and Before say what the step must follow or precede: an op, a function, "lock CLASS", "release CLASS".
	After, Before string
	Note          string
	Span          Span
	From          []Provenance
	Pos           Position
}
