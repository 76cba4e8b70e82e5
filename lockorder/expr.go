package lockorder

import (
	"slices"
	"strings"
)

// A Path names an object from where a clause stands: a parameter or result of the function, or "self" in a guard, and
// then fields: vma.vm_file.f_mapping.
type Path struct {
	Root   string
	Fields []string
	Pos    Position
}

// String returns p in the contract language.
func (p Path) String() string { return strings.Join(append([]string{p.Root}, p.Fields...), ".") }

// AnyClass is the class of a lock expression that takes the class from the lock itself: down_write(sem).
const AnyClass = "*"

// A LockExpr names a lock: the class, perhaps a subclass, and the object that it belongs to. Global classes (rcu, irq)
// have no object.
type LockExpr struct {
	Class string // name of a class, or AnyClass
	Sub   string // subclass, "" for the class itself
	Of    Path   // zero for a global class
	Pos   Position
}

// String returns l in the contract language.
func (l LockExpr) String() string {
	s := l.Class
	if l.Sub != "" {
		s += ":" + l.Sub
	}
	if l.Of.Root == "" {
		return s
	}
	return s + "(" + l.Of.String() + ")"
}

// A TestOp is how a Test compares.
type TestOp uint8

// The comparisons. Each has a negation in the same pair.
const (
	NonZero TestOp = iota // non-nil, true, not 0
	Zero
	Equal
	NotEqual
	HasBit // value & Bit != 0
	LacksBit
)

// Negate returns the comparison that holds exactly when op does not.
func (op TestOp) Negate() TestOp { return op ^ 1 }

// A Test is one condition on the state of an argument or result: vma.anon_vma, !vma.vm_file, ret == 0, flags & TTU_RMAP_LOCKED.
type Test struct {
	Path  Path
	Op    TestOp
	Value string // the constant compared with; empty for NonZero and Zero
}

// String returns t in the contract language.
func (t Test) String() string {
	switch t.Op {
	case NonZero:
		return t.Path.String()
	case Zero:
		return "!" + t.Path.String()
	case Equal:
		return t.Path.String() + " == " + t.Value
	case NotEqual:
		return t.Path.String() + " != " + t.Value
	case HasBit:
		return t.Path.String() + " & " + t.Value
	default:
		return "!(" + t.Path.String() + " & " + t.Value + ")"
	}
}

// A Cond is a conjunction of tests; the empty Cond is true.
type Cond []Test

// String returns c in the contract language, tests joined by &&.
func (c Cond) String() string {
	parts := make([]string, len(c))
	for i, t := range c {
		parts[i] = t.String()
	}
	return strings.Join(parts, " && ")
}

// A NeedOp is the shape of a Need.
type NeedOp uint8

// The shapes: one lock, all of the kids, any of the kids, or a use of a let that Resolve expands.
const (
	NeedLock NeedOp = iota
	NeedAll
	NeedAny
	NeedLet
)

// A Need is a requirement on the locks held: a tree of all(...) and any(...) over locks with modes, each part with its own
// condition and span of releases.
type Need struct {
	Op   NeedOp
	Lock LockExpr // NeedLock
	Mode Mode     // NeedLock
	Kids []Need   // NeedAll, NeedAny
	Let  string   // NeedLet: the name used
	Args []Path   // NeedLet: what its parameters stand for
	If   Cond     // the part counts only when true
	Span Span     // the part counts only in these releases
	Pos  Position
}

// String returns n in the contract language.
func (n Need) String() string {
	s := n.head()
	if len(n.If) > 0 {
		s += " if " + n.If.String()
	}
	if span := n.Span.String(); span != "" {
		s += " " + span
	}
	return s
}

func (n Need) head() string {
	switch n.Op {
	case NeedLock:
		return n.Lock.String() + " " + n.Mode.String()
	case NeedLet:
		parts := make([]string, len(n.Args))
		for i, a := range n.Args {
			parts[i] = a.String()
		}
		return n.Let + "(" + strings.Join(parts, ", ") + ")"
	}
	parts := make([]string, len(n.Kids))
	for i, k := range n.Kids {
		parts[i] = k.String()
	}
	if n.Op == NeedAll {
		return "all(" + strings.Join(parts, ", ") + ")"
	}
	return "any(" + strings.Join(parts, ", ") + ")"
}

func (n Need) mentions(root string) bool {
	return n.Lock.Of.Root == root ||
		slices.ContainsFunc(n.If, func(t Test) bool { return t.Path.Root == root }) ||
		slices.ContainsFunc(n.Args, func(p Path) bool { return p.Root == root }) ||
		slices.ContainsFunc(n.Kids, func(k Need) bool { return k.mentions(root) })
}
