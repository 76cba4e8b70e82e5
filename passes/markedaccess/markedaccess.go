package markedaccess

import (
	"fmt"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/memorder"
	"github.com/mmvet/mmvet/passes/accesses"
	"github.com/mmvet/mmvet/passes/contract"
)

const name = "markedaccess"

// Analyzer reports accesses that lack a mark, or are split.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:     name,
	Doc:      "check that what is accessed without a lock is marked, and accessed in one piece",
	URL:      contract.URL + name,
	Run:      run,
	Requires: []*analysis.Analyzer{accesses.Analyzer, contract.Analyzer},
})

// checker checks one package.
type checker struct {
	pass      *analysis.Pass
	result    *accesses.Result
	contracts *contract.Result
	all       map[accesses.Place][]accesses.Known // of this package and those below, but for what nobody else knew yet
}

func run(pass *analysis.Pass) (any, error) {
	c := &checker{
		pass: pass, result: pass.ResultOf[accesses.Analyzer].(*accesses.Result),
		contracts: pass.ResultOf[contract.Analyzer].(*contract.Result), all: map[accesses.Place][]accesses.Known{},
	}
	if !c.result.Shim {
		return nil, nil
	}
	note := func(k accesses.Known) {
		if !k.New && !k.Field {
			c.all[k.Place] = append(c.all[k.Place], k)
		}
	}
	for _, k := range c.result.Known {
		note(k)
	}
	for _, f := range c.result.Functions {
		for _, a := range f.Accesses {
			if !a.IsFence() {
				note(c.result.KnownOf(a))
			}
		}
	}
	for _, f := range c.result.Functions {
		for _, a := range f.Accesses {
			if !a.IsFence() && !a.Field && !a.New && a.Plain() {
				c.unmarked(f, a)
			}
		}
		for _, p := range f.Pairs {
			c.torn(f, p)
			c.twice(f, p)
		}
	}
	return nil, nil
}

// unmarked reports a plain access that another one, known to be made without a lock, can meet.
func (c *checker) unmarked(f *accesses.Function, a *accesses.Access) {
	verb, prim := "loaded", "READ_ONCE"
	if a.Stores() {
		verb, prim = "stored", "WRITE_ONCE"
	}
	why := ""
	if rule := c.ruled(f, a); rule != "" {
		why = rule
	} else if other := c.meets(f, a); other != nil {
		why = fmt.Sprintf("%s accesses it at the same time by %s", at(*other), other.Prim)
	}
	if why != "" {
		c.report(a, fmt.Sprintf("%s is %s plainly, but %s; use %s", a.Place, verb, why, prim), c.result.Instead(a, prim))
	}
}

// ruled returns the rule of the contract by which a plain store must be marked, or "".
func (c *checker) ruled(f *accesses.Function, a *accesses.Access) string {
	if !a.Stores() {
		return ""
	}
	_, profile := f.Kernel(c.contracts)
	if g := a.Place.Guard(profile); g != nil {
		for _, row := range g.Rows(lockorder.WriteAccess) {
			if row.Marked == "once" {
				return fmt.Sprintf("by guard %s its stores are marked once, for readers without a lock", g.Field)
			}
		}
	}
	for _, p := range profile.Contract.Protocols {
		for _, s := range p.Steps {
			if s.Kind == "store" && s.Order == "once" && s.Span.Contains(profile.Release) && a.Place.Is(p.Flag) && f.In(s.In) {
				return fmt.Sprintf("by protocol %s it is one marked store in %s", p.Name, f.Fn.Name())
			}
		}
	}
	return ""
}

// meets finds an access that conflicts with a plain one and that no lock keeps away from it, if the word is known to be
// accessed without a lock: the other access is marked, or the contract says so.
func (c *checker) meets(f *accesses.Function, a *accesses.Access) *accesses.Known {
	_, profile := f.Kernel(c.contracts)
	lockless := false
	if g := a.Place.Guard(profile); g != nil && a.Loads() && !a.Stores() {
		lockless = slices.ContainsFunc(g.Rows(lockorder.WriteAccess), func(row *lockorder.Access) bool { return row.Marked == "once" })
	}
	for i, other := range c.all[a.Place] {
		if !a.Stores() && !other.Stores() || other.Plain() && !lockless || accesses.Excluded(a.Possible(), other.Locks) {
			continue
		}
		return &c.all[a.Place][i]
	}
	return nil
}

// torn reports the second of two stores to one word with nothing between them.
func (c *checker) torn(f *accesses.Function, p *accesses.Pair) {
	first, then := p.First, p.Then
	if !sameWord(f, p) || !first.Stores() || !then.Stores() || first.Loads() || then.Loads() || !adjoining(f, first, then) {
		return
	}
	reader := c.reader(then)
	if reader == "" {
		return
	}
	start, end := c.result.Extent(first)
	c.report(then, fmt.Sprintf("%s is stored twice in a row: %s can see the state between; make it one store", then.Place, reader), nil,
		analysis.RelatedInformation{Pos: start, End: end, Message: "the first store"})
}

// sameWord says whether both accesses of a pair are of one word of one object, in the function itself.
func sameWord(f *accesses.Function, p *accesses.Pair) bool {
	return p.First.Place == p.Then.Place && p.First.Func() == f && p.Then.Func() == f && p.First.Moment != nil && p.Then.Moment != nil &&
		p.First.Base == p.Then.Base && p.First.Base != 0 && !p.First.New && !p.Then.New && !p.First.Field && p.First != p.Then
}

// adjoining says whether no other access stands between two in one block but loads of the same word.
func adjoining(f *accesses.Function, first, then *accesses.Access) bool {
	if first.At.Block() != then.At.Block() {
		return false
	}
	inside := false
	for _, instr := range first.At.Block().Instrs {
		switch {
		case instr == first.At:
			inside = true
		case instr == then.At:
			return inside
		case inside:
			_, call := instr.(ssa.CallInstruction)
			if a := f.AccessAt(instr); call && a == nil || a != nil && (a.Place != first.Place || a.Stores()) {
				return false
			}
		}
	}
	return false
}

// reader returns who loads a word while a store to it is made, in words; "" if nobody is known to.
func (c *checker) reader(store *accesses.Access) string {
	for _, other := range c.all[store.Place] {
		if other.Loads() && !other.Stores() && other.Func != c.result.KnownOf(store).Func && !accesses.Excluded(store.Possible(), other.Locks) {
			return at(other)
		}
	}
	_, profile := store.Func().Kernel(c.contracts)
	for _, p := range profile.Contract.Protocols {
		for _, s := range p.Steps {
			if s.Kind == "store" && s.Order == "once" && store.Place.Is(p.Flag) && s.Span.Contains(profile.Release) {
				return "who protocol " + p.Name + " is for"
			}
		}
	}
	return ""
}

// twice reports the second of two loads of a word, if a test of the first one leads to it and what it loads is used: others may
// have changed the word in between. To look again under a lock, or behind a fence, is right; and so it is to wait for the change.
func (c *checker) twice(f *accesses.Function, p *accesses.Pair) {
	first, then := p.First, p.Then
	if !sameWord(f, p) || first.Stores() || then.Stores() || !first.Loads() || !then.Loads() || len(p.Between) > 0 ||
		!first.Tests(then.At.Block()) || then.Compared() || then.Awaits() || len(first.Locks) != len(then.Locks) || orders(then) {
		return
	}
	for _, other := range c.all[then.Place] {
		if other.Stores() && !accesses.Excluded(then.Possible(), other.Locks) && (!other.Plain() || !then.Plain()) {
			start, end := c.result.Extent(first)
			c.report(then, fmt.Sprintf("%s was tested before and is read again: %s may have changed it; read it once, into a variable", then.Place, at(other)), nil,
				analysis.RelatedInformation{Pos: start, End: end, Message: "the first look"})
			return
		}
	}
}

// orders says whether the second look is one that orders, as a second look that decides does.
func orders(a *accesses.Access) bool {
	return slices.ContainsFunc(a.Do, func(e memorder.Event) bool { return e.Tag == memorder.Acquire })
}

func at(k accesses.Known) string { return fmt.Sprintf("%s (%s)", k.Func, k.Pos) }

func (c *checker) report(a *accesses.Access, message string, fixes []analysis.SuggestedFix, related ...analysis.RelatedInformation) {
	pos := c.pass.Fset.Position(a.Pos())
	if !pos.IsValid() || c.contracts.IgnoredLine(pos.Filename, pos.Line) {
		return
	}
	start, end := c.result.Extent(a)
	c.pass.Report(analysis.Diagnostic{
		Pos: start, End: end, Category: name, URL: contract.URL + name, Message: name + ": " + message, Related: related, SuggestedFixes: fixes,
	})
}
