package pairing

import (
	"fmt"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/mmvet/mmvet/memorder"
	"github.com/mmvet/mmvet/passes/accesses"
	"github.com/mmvet/mmvet/passes/contract"
)

// reporter collects findings: one for each access, the one with the best reason.
type reporter struct {
	pass      *analysis.Pass
	result    *accesses.Result
	contracts *contract.Result
	found     []finding
}

type finding struct {
	at      *accesses.Access // nil: fn lacks something
	fn      *ssa.Function
	message string
	related []analysis.RelatedInformation
	fixes   []analysis.SuggestedFix
}

func (r *reporter) reported(a *accesses.Access) bool {
	for _, f := range r.found {
		if f.at != nil && f.at.At == a.At {
			return true
		}
	}
	return false
}

func (r *reporter) report(a *accesses.Access, message string, fixes []analysis.SuggestedFix, related ...analysis.RelatedInformation) {
	r.found = append(r.found, finding{at: a, message: message, related: related, fixes: fixes})
}

// flush reports what was found.
func (r *reporter) flush() {
	for _, f := range r.found {
		start, end := token.NoPos, token.NoPos
		if f.at != nil {
			start, end = r.result.Extent(f.at)
		} else {
			start = f.fn.Pos()
			end = start + token.Pos(len(f.fn.Name()))
		}
		at := r.pass.Fset.Position(start)
		if !at.IsValid() || r.contracts.IgnoredLine(at.Filename, at.Line) {
			continue
		}
		r.pass.Report(analysis.Diagnostic{
			Pos: start, End: end, Category: name, URL: contract.URL + name, Message: name + ": " + f.message,
			Related: f.related, SuggestedFixes: f.fixes,
		})
	}
}

func at(k accesses.Known) string { return fmt.Sprintf("%s (%s)", k.Func, k.Pos) }

// store reports a store that should be a release.
func (r *reporter) store(s *accesses.Side, m *message) {
	text := fmt.Sprintf("%s of %s is not a release, but %s loads it by %s to go on", word(s.Prim), s.Place, at(m.peer.Known), m.peer.Prim)
	var related []analysis.RelatedInformation
	if m.sent != nil {
		text = fmt.Sprintf("%s of %s does not order %s before it: %s may see it and still read what %s was before",
			word(s.Prim), s.Place, what(m.sent), at(m.gotten.Known), m.sent.Place)
		related = r.related(m.sent, "the access that may take effect later")
	}
	fixes := r.fix(s.At(), stronger(s.At().Prim, func(do []memorder.Event) bool { return memorder.Publishes(plainWrite, nil, do) }))
	if fixes == nil && memorder.Publishes(plainWrite, effect("smp_mb__before_atomic"), s.At().Do) {
		fixes = r.result.Before(s.At(), "smp_mb__before_atomic")
	}
	r.report(s.At(), text+cure(fixes), fixes, append(related, r.peer(m.peer)...)...)
}

// load reports a load that should be an acquire.
func (r *reporter) load(s *accesses.Side, m *message) {
	text := fmt.Sprintf("%s of %s is not an acquire, but %s stores it by %s to publish something", word(s.Prim), s.Place, at(m.peer.Known), m.peer.Prim)
	var related []analysis.RelatedInformation
	if m.sent != nil {
		text = fmt.Sprintf("%s of %s does not order %s behind it: it may see what %s stored, and yet older data",
			word(s.Prim), s.Place, what(m.gotten), at(m.peer.Known))
		related = r.related(m.gotten, "the access that may take effect earlier")
	}
	fixes := r.fix(s.At(), stronger(s.At().Prim, func(do []memorder.Event) bool {
		return memorder.Receives(do, nil, plainRead, memorder.NoDependency)
	}))
	r.report(s.At(), text+cure(fixes), fixes, append(related, r.peer(m.peer)...)...)
}

func what(u *accesses.Use) string {
	if u.Stores() {
		return "the store to " + u.Place.String()
	}
	return "the load of " + u.Place.String()
}

// word names a primitive as a reader of the code does.
func word(prim string) string {
	switch prim {
	case "read":
		return "plain load"
	case "write":
		return "plain store"
	}
	return prim
}

func cure(fixes []analysis.SuggestedFix) string {
	if len(fixes) == 0 {
		return ""
	}
	message := fixes[0].Message
	return "; " + strings.ToLower(message[:1]) + message[1:]
}

func (r *reporter) related(u *accesses.Use, text string) []analysis.RelatedInformation {
	if u.At() == nil || u.At().At == nil {
		return nil
	}
	start, end := r.result.Extent(u.At())
	return []analysis.RelatedInformation{{Pos: start, End: end, Message: text}}
}

func (r *reporter) peer(s *accesses.Side) []analysis.RelatedInformation {
	return r.there(s.At())
}

func (r *reporter) there(a *accesses.Access) []analysis.RelatedInformation {
	if a == nil || a.At == nil {
		return nil
	}
	start, end := r.result.Extent(a)
	return []analysis.RelatedInformation{{Pos: start, End: end, Message: "the other side of the flag"}}
}

// plainRead and plainWrite are what callers, of whom nothing is known, do to the data.
var (
	plainRead  = memorder.Event{Kind: memorder.Read}
	plainWrite = memorder.Event{Kind: memorder.Write}
)

// variants are, for each primitive, those that do the same with more order. Which of them is enough is for the model to say.
var variants = map[string][]string{
	"write": {"WRITE_ONCE", "smp_store_release"}, "WRITE_ONCE": {"smp_store_release"},
	"read": {"READ_ONCE", "smp_load_acquire"}, "READ_ONCE": {"smp_load_acquire"},
	"atomic_set": {"atomic_set_release"}, "atomic_read": {"atomic_read_acquire"},
	"refcount_set": {"refcount_set_release"}, "refcount_inc_not_zero": {"refcount_inc_not_zero_acquire"},
	"xchg_relaxed": {"xchg_acquire", "xchg_release", "xchg"}, "xchg_acquire": {"xchg"}, "xchg_release": {"xchg"},
	"cmpxchg_relaxed": {"cmpxchg_acquire", "cmpxchg_release", "cmpxchg"}, "cmpxchg_acquire": {"cmpxchg"}, "cmpxchg_release": {"cmpxchg"},
	"smp_cond_load_relaxed": {"smp_cond_load_acquire"},
}

// stronger returns the first variant of a primitive that is enough, or "".
func stronger(prim string, enough func([]memorder.Event) bool) string {
	for _, v := range variants[prim] {
		if enough(effect(v)) {
			return v
		}
	}
	return ""
}

func effect(prim string) []memorder.Event {
	events, _ := memorder.Effect(prim)
	return events
}

func (r *reporter) fix(a *accesses.Access, prim string) []analysis.SuggestedFix {
	if prim == "" {
		return nil
	}
	return r.result.Instead(a, prim)
}
