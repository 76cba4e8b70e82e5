package lockorder

// A Site is where an event happened, as an opaque number of the witness: a token.Pos, an index of program counters, the
// number of a stack. 0 means nowhere.
type Site int

// A Lock is one lock: a class, perhaps a subclass, and the object that it belongs to.
type Lock[I comparable] struct {
	Class *Class
	Sub   string
	Of    I // the zero I for a global class
}

// Ref returns the class and subclass of l.
func (l Lock[I]) Ref() ClassRef { return ClassRef{l.Class.Name, l.Sub} }

// A Literal is a Test on a known object: what a witness knows, or a condition under which a lock is held. Value is a
// canonical name of a constant: two values that differ are different constants, and none but "", "0", "nil", "false" and
// "NULL" is zero. A bit is one bit.
type Literal[I comparable] struct {
	Subject I
	Op      TestOp
	Value   string
}

// Negate returns the literal that holds exactly when l does not.
func (l Literal[I]) Negate() Literal[I] {
	l.Op = l.Op.Negate()
	return l
}

// An EventOp is what happens in an event.
type EventOp uint8

// The events.
const (
	EvAcquire   EventOp = iota // Lock is taken in Mode; Try: without waiting
	EvRelease                  // Lock is released; Mode AnyMode: whichever mode it is held in
	EvDowngrade                // Lock goes from write to read
	EvRequire                  // Need must be met
	EvExclude                  // Lock must not be held in a mode that satisfies Mode
	EvDrop                     // Lock is released and taken again, in the mode in which it is held, if it is
	EvSleep                    // may sleep
	EvBegin                    // a pair is opened
	EvEnd                      // the pair is closed
	EvDo                       // an op is performed
	EvAssume                   // Fact is true from here on, wherever When is
	EvForget                   // what is known about Subject no longer holds: due before a call that sets it again, as in a loop
	EvKnow                     // Knows must be known
	EvLend                     // Of may be used as long as Need is met without a break
	EvFree                     // Of must not be used any more
	EvUse                      // Of is used
	EvReturn                   // the task or function ends; what is still open is leaked, except Keep
)

// An Event is one thing that a task does to locks. It is plain data: it can be recorded, compared and replayed.
type Event[I comparable] struct {
	Op      EventOp
	Lock    Lock[I]
	Mode    Mode
	Try     bool
	Need    *BoundNeed[I]  // EvRequire, EvLend
	Pair    string         // EvBegin, EvEnd: the pair; Lock is then its stand-in, of the class Profile.Pair(…).Class
	Of      I              // EvDo: the object that the op is on, for duties; EvLend, EvFree, EvUse: the object
	Ends    []BoundEnd[I]  // EvAcquire: what ends the lock beside its release
	Knows   *BoundKnows[I] // EvKnow
	Do      *BoundOp[I]    // EvDo
	Fact    Literal[I]     // EvAssume
	Subject I              // EvForget
	Keep    []Keep[I]      // EvReturn: locks that may stay held, by contract
	When    []Literal[I]   // the event happens only when these hold; empty: always
	Maybe   bool           // it may also not happen, and nothing tells
	Clause  *Clause        // the clause that asks for it; nil for none
	Func    string         // the kernel function that it is part of, for the reader
	Site    Site
}

// A Keep is a lock that a function returns with, by contract.
type Keep[I comparable] struct {
	Lock Lock[I]
	Mode Mode
	When []Literal[I]
	// Optional: it may also not be held.
	Optional bool
}

// A BoundNeed is a Need whose locks are identified. When holds the conditions that the witness could not decide; what it
// could decide is already applied.
type BoundNeed[I comparable] struct {
	Op   NeedOp // NeedLock, NeedAll or NeedAny
	Lock Lock[I]
	Mode Mode
	// Unknown: the witness cannot tell which object the lock belongs to. Any lock of the class then meets the need.
	Unknown bool
	Expr    LockExpr // as written, for the reader
	Kids    []BoundNeed[I]
	When    []Literal[I]
}

// A BoundOp is an op on known objects, with those of its regimes that are in force.
type BoundOp[I comparable] struct {
	Op      *Op
	Args    []I
	Over    *Extent[I] // the addresses that it is about; nil if they are not known
	Regimes []BoundRegime[I]
}

// A BoundRegime is a regime on known objects.
type BoundRegime[I comparable] struct {
	Regime *Regime
	Events []Event[I] // EvRequire and EvExclude, each with its clause
	Inside []BoundPair[I]
	Knows  []BoundKnows[I]
	Duties []*Clause // verb Then
}

// A BoundPair is a pair that must be open.
type BoundPair[I comparable] struct {
	Pair   string
	Lock   Lock[I]
	When   []Literal[I]
	Clause *Clause
}

// A BoundKnows is a condition that must be known.
type BoundKnows[I comparable] struct {
	Tests  []Literal[I]
	Known  Truth
	Clause *Clause
}

// A Truth is what a witness knows about a condition.
type Truth uint8

// The three values.
const (
	Unknown Truth = iota
	True
	False
)
