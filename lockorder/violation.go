package lockorder

import "strings"

// A Rule names what a Violation breaks. Rules are stable: analyzers, documentation pages and reports use these names.
type Rule string

// The rules that Step decides.
const (
	RuleNotHeld      Rule = "lockheld"      // a required lock is not held, or in the wrong mode
	RuleExcluded     Rule = "lockexcluded"  // a lock is held that must not be
	RuleDoubleLock   Rule = "doublelock"    // a lock is taken by the task that holds it
	RuleRecursion    Rule = "readrecursion" // a read lock is taken again behind which a writer may wait
	RuleUnheld       Rule = "unheld"        // a lock is released or downgraded that is not held
	RuleWrongMode    Rule = "wrongmode"     // a lock is released in another mode than it was taken in
	RuleOrder        Rule = "lockorder"     // an outer lock is taken under an inner one
	RuleNesting      Rule = "locknesting"   // two locks of one class without a licence
	RuleSleep        Rule = "atomicsleep"   // something sleeps in atomic context
	RulePair         Rule = "notifierpair"  // a pair is closed that is not open, or not in LIFO order
	RuleOp           Rule = "op"            // an op is performed under none of its regimes
	RuleDuty         Rule = "duty"          // a duty is not done in time
	RuleLeak         Rule = "lockbalance"   // a lock or pair is still held at the end
	RuleReturnUnheld Rule = "returnunheld"  // a lock that the contract promises on return is not held
	RuleUnknown      Rule = "unknownstate"  // a condition that must be known is not
	RuleLifetime     Rule = "lifetime"      // an object is used when nothing keeps it any more
)

// A Missing is one part of a requirement that is not met.
type Missing[I comparable] struct {
	Lock   Lock[I]
	Expr   LockExpr // as written in the contract
	Want   Mode
	Have   *Holding[I] // the holding that does not suffice: wrong mode, or on some paths only; nil if none
	When   []Literal[I]
	Or     []Missing[I] // alternatives, any of which would do; the other fields but Clause are then zero
	Pair   string       // a pair that must be open
	Knows  Cond         // a condition that must be known
	Not    bool         // the lock must not be held, but Have holds it
	Clause *Clause
}

// A Violation is one broken rule. It is a value, not an error: the witness decides how to report it.
type Violation[I comparable] struct {
	Rule    Rule
	Event   Event[I]
	Clause  *Clause      // the clause that is broken; nil if the rule is in the kind or order alone
	Order   *Order       // RuleOrder: the declaration
	Holder  *Holding[I]  // the holding that is in the way, or that is leaked
	Due     *Due[I]      // RuleDuty
	Regime  *Regime      // RuleOp: the regime that came closest
	Missing []Missing[I] // RuleNotHeld, RuleOp
	// Maybe: it happens on some of the paths that lead here only.
	Maybe bool
}

// A Namer gives the reader's name of an object: "vma.VmMm", "mm#1", "0xffff888…"; "" if there is none.
type Namer[I comparable] func(I) string

// Describe returns the lock as the reader knows it: "imap(vma.VmFile.FMapping)", and "s.mu" for one of ordinary Go, whose class is
// only the field.
func (l Lock[I]) Describe(name Namer[I]) string {
	s := l.Class.Name
	if isGo := strings.Contains(s, "."); isGo {
		if n := name(l.Of); n != "" {
			return n
		}
		return s[strings.LastIndexByte(s, '/')+1:]
	}
	if l.Sub != "" {
		s += ":" + l.Sub
	}
	if l.Class.Kind.Info().Global {
		return s
	}
	if n := name(l.Of); n != "" {
		s += "(" + n + ")"
	}
	return s
}

// Message returns what is wrong, in one line without position, in the same words for every witness.
func (v Violation[I]) Message(name Namer[I]) string {
	lock := ""
	if v.Event.Lock.Class != nil {
		lock = v.Event.Lock.Describe(name)
	}
	switch v.Rule {
	case RuleUnknown:
		if v.Clause.Verb == Tells {
			return v.Event.Func + " promises that " + v.Clause.Tell.String() + ", which is not known under its locks here"
		}
		return subject(v.Event.Func, "this") + " needs " + describeMissing(v.Missing, name)
	case RuleNotHeld:
		return subject(v.Event.Func, "this") + " needs " + describeMissing(v.Missing, name)
	case RuleOp:
		s := subject(v.Event.Func, "this") + " does " + v.Event.Do.Op.Name + ", which needs " + describeMissing(v.Missing, name)
		if v.Regime != nil && v.Regime.Name != "" {
			s += " (" + v.Regime.Name + " rules)"
		}
		return s
	case RuleExcluded:
		return subject(v.Event.Func, "this") + " must not be called with " + v.Holder.Lock.Describe(name) + " held" + heldMaybe(v.Maybe)
	case RuleDoubleLock:
		return lock + " is taken while it is held" + maybe(v.Maybe) + ": the task waits for itself"
	case RuleRecursion:
		return lock + " is read-locked again while it is held" + maybe(v.Maybe) +
			": a writer that waits in between makes both wait for ever"
	case RuleUnheld:
		return lock + " is " + released(v.Event.Op) + " but not held" + maybe(v.Maybe)
	case RuleWrongMode:
		if v.Event.Op == EvDowngrade {
			return lock + " is held for " + holdText(v.Holder.Mode) + maybe(v.Maybe) + " but downgraded"
		}
		return lock + " is held for " + holdText(v.Holder.Mode) + maybe(v.Maybe) + " but released for " + holdText(v.Event.Mode)
	case RuleOrder:
		return lock + " is taken while " + v.Holder.Lock.Describe(name) + " is held" + maybe(v.Maybe) + ": the order is " +
			v.Event.Lock.Ref().String() + " before " + v.Holder.Lock.Ref().String()
	case RuleNesting:
		return lock + " is taken while " + v.Holder.Lock.Describe(name) + " of the same class is held" + maybe(v.Maybe) +
			", without a nesting rule"
	case RuleSleep:
		return subject(v.Event.Func, "this") + " may sleep while " + v.Holder.Lock.Describe(name) + " is held" + maybe(v.Maybe)
	case RulePair:
		if v.Holder != nil {
			return v.Event.Pair + " is closed before " + v.Holder.Lock.Describe(name) + ", which was opened later"
		}
		return v.Event.Pair + " is closed but not open" + maybe(v.Maybe)
	case RuleDuty:
		return v.Due.Op + " must be followed by " + strings.Join(v.Due.Duty.Duty.Then, " or ") + " before " + dutyEnd(v.Due.Duty)
	case RuleLeak:
		return v.Holder.Lock.Describe(name) + " is still held at the end" + maybe(v.Maybe)
	case RuleLifetime:
		return v.lifetimeText(name)
	case RuleReturnUnheld:
		return lock + " is promised on return but not held" + maybe(v.Maybe)
	}
	return string(v.Rule)
}

func subject(fn, none string) string {
	if fn == "" {
		return none
	}
	return fn
}

func maybe(m bool) string {
	if m {
		return " on some paths"
	}
	return ""
}

// heldMaybe is maybe behind the word held, where it would else belong to what comes before.
func heldMaybe(m bool) string {
	if m {
		return ", which it is on some paths"
	}
	return ""
}

func released(op EventOp) string {
	if op == EvDowngrade {
		return "downgraded"
	}
	return "released"
}

func dutyEnd(c *Clause) string {
	if c.Duty.Release != "" {
		return c.Duty.Release + " is released"
	}
	return c.Duty.Before
}

func holdText(m Mode) string {
	switch m {
	case ReadMode:
		return "reading"
	case WriteMode:
		return "writing"
	}
	return "reading or writing"
}

func describeMissing[I comparable](missing []Missing[I], name Namer[I]) string {
	parts := make([]string, len(missing))
	for i, m := range missing {
		parts[i] = m.describe(name)
	}
	return list(parts, "and")
}

// list joins parts as prose does: "a, b and c".
func list(parts []string, last string) string {
	n := len(parts)
	if n < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:n-1], ", ") + " " + last + " " + parts[n-1]
}

// describeAny names alternatives: "one of mmap(mm), vma(vma) and imap(m) held" if they are asked for in one mode.
func describeAny[I comparable](alternatives []Missing[I], name Namer[I]) string {
	locks, parts := make([]string, len(alternatives)), make([]string, len(alternatives))
	plain := len(alternatives) > 1
	for i, m := range alternatives {
		locks[i], parts[i] = m.lockText(name), m.describe(name)
		plain = plain && len(m.Or) == 0 && m.Have == nil && m.Want == alternatives[0].Want && m.Pair == "" && !m.Not && len(m.Knows) == 0
	}
	if plain {
		return "one of " + list(locks, "and") + " " + wantText(alternatives[0].Want)
	}
	return list(parts, "or")
}

func wantText(m Mode) string {
	if m == AnyMode {
		return "held"
	}
	return "held for " + holdText(m)
}

func (m Missing[I]) describe(name Namer[I]) string {
	switch {
	case len(m.Or) > 0:
		return describeAny(m.Or, name)
	case m.Pair != "":
		return "an open " + m.Pair + " bracket"
	case len(m.Knows) > 0:
		return "to know under its locks that " + m.Knows.String()
	case m.Not:
		return m.Lock.Describe(name) + " not held"
	}
	return m.lockText(name) + " " + wantText(m.Want) + m.haveText()
}

func (m Missing[I]) lockText(name Namer[I]) string {
	if m.Lock.Class == nil {
		return m.Expr.String()
	}
	return m.Lock.Describe(name)
}

func (m Missing[I]) haveText() string {
	switch {
	case m.Have == nil:
		return ""
	case !m.Have.Certain():
		return " (it is held on some paths only)"
	}
	return " (it is held for " + holdText(m.Have.Mode) + ")"
}
