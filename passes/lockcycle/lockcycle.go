package lockcycle

import (
	"cmp"
	"flag"
	"fmt"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/contract"
	"github.com/mmvet/mmvet/passes/heldset"
)

const name = "lockcycle"

// Analyzer reports locks that are taken in orders which contradict each other.
var Analyzer = contract.Suppressible(&analysis.Analyzer{
	Name:      name,
	Doc:       "check that locks are always taken in one order",
	URL:       contract.URL + name,
	Run:       run,
	Requires:  []*analysis.Analyzer{contract.Analyzer, heldset.Analyzer},
	FactTypes: []analysis.Fact{new(orderFact)},
	Flags:     flags(),
})

var inferred, deep bool

// graph is for the command that draws the order.
var graph bool

func flags() flag.FlagSet {
	var f flag.FlagSet
	f.BoolVar(&inferred, "inferred", true, "report cycles of locks whose order nobody declares")
	f.BoolVar(&deep, "deep", false, "count also locks that a callee takes on some of its paths only")
	f.BoolVar(&graph, "graph", false, "report the edges of the lock order as JSON instead of cycles; for mmvet order")
	return f
}

func run(pass *analysis.Pass) (any, error) {
	result := pass.ResultOf[heldset.Analyzer].(*heldset.Result)
	if graph {
		o := newOrder(pass)
		for _, e := range result.Edges {
			o.add(e)
		}
		o.dump(pass, pass.ResultOf[contract.Analyzer].(*contract.Result).Orders())
		o.export(pass)
		return nil, nil
	}
	for _, f := range result.Findings {
		if f.Rule == lockorder.RuleOrder || f.Rule == lockorder.RuleNesting {
			f.Report(pass, name)
		}
	}
	o := newOrder(pass)
	for _, e := range result.Edges {
		switch {
		case e.Against != nil && e.Depth > 0:
			o.reportAgainst(pass, e)
		case e.Against != nil: // among the findings
		case likely(e):
			o.add(e)
		}
	}
	if !inferred {
		return nil, nil
	}
	o.graph.Declare(pass.ResultOf[contract.Analyzer].(*contract.Result).DeclaredOrders())
	for _, c := range shortest(o.cycles()) {
		if !o.known[key(c)] {
			o.report(pass, c)
		}
	}
	o.export(pass)
	return nil, nil
}

// shortest returns the cycles that share no edge with a shorter one: who mends that sees the longer ones that are left.
func shortest(cycles []lockorder.Cycle) []lockorder.Cycle {
	slices.SortStableFunc(cycles, func(a, b lockorder.Cycle) int { return cmp.Compare(len(a), len(b)) })
	seen := map[ends]bool{}
	var out []lockorder.Cycle
	for _, c := range cycles {
		if slices.ContainsFunc(c, func(e lockorder.Edge) bool { return seen[ends{e.From, e.To}] }) {
			continue
		}
		for _, e := range c {
			seen[ends{e.From, e.To}] = true
		}
		out = append(out, c)
	}
	return out
}

// report reports a cycle at its first edge in this package, with one related position for every edge.
func (o *order) report(pass *analysis.Pass, c lockorder.Cycle) {
	at := -1
	for i, e := range c {
		if e.Then > 0 && (at < 0 || e.Then < c[at].Then) {
			at = i
		}
	}
	if at < 0 {
		return
	}
	pos := token.Pos(c[at].Then)
	d := analysis.Diagnostic{
		Pos: pos, Category: name, URL: contract.URL + name,
		Message: name + ": locks are taken in a cycle, which can deadlock: " + text(c),
	}
	if len(c) == 1 {
		d.Message = fmt.Sprintf("%s: two locks of %s are taken and nothing says which is first: a task that takes them "+
			"the other way round waits for this one", name, short(c[0].From.String()))
	}
	for _, e := range c {
		w := o.witness[siteKey{e.From, e.To, e.Taken, e.Then}]
		if e.Declared != nil {
			d.Related = append(d.Related, analysis.RelatedInformation{
				Pos: pos, Message: short(fmt.Sprintf("%s before %s is declared at %s", e.From, e.To, e.Declared.Pos)),
			})
			continue
		}
		if e.Then <= 0 {
			d.Related = append(d.Related, analysis.RelatedInformation{
				Pos: pos, Message: short(w.TakenText + ", then " + w.ThenText),
			})
			continue
		}
		d.Related = append(d.Related, analysis.RelatedInformation{
			Pos: token.Pos(e.Then), Message: short(fmt.Sprintf("while %s is held, %s", e.From, w.ThenText)),
		})
	}
	pass.Report(d)
}

// reportAgainst reports a lock that a callee takes against a declared order, once for each call.
func (o *order) reportAgainst(pass *analysis.Pass, e heldset.Edge) {
	k := siteKey{e.From, e.To, e.Taken, e.Then}
	if _, reported := o.witness[k]; reported {
		return
	}
	o.witness[k] = e
	pos := token.Pos(e.Then)
	d := analysis.Diagnostic{
		Pos: pos, Category: name, URL: contract.URL + name,
		Message: short(fmt.Sprintf("%s: %s takes %s while %s is held: the order is %s before %s", name, e.Func, e.To, e.From, e.To, e.From)),
		Related: []analysis.RelatedInformation{
			{Pos: pos, Message: short(fmt.Sprintf("the order is declared at %s", e.Against.Pos))},
			{Pos: token.Pos(e.Taken), Message: short(e.TakenText)},
			{Pos: pos, Message: short(e.ThenText)},
		},
	}
	pass.Report(d)
}

func text(c lockorder.Cycle) string {
	var b strings.Builder
	for _, e := range c {
		b.WriteString(short(e.From.String()))
		b.WriteString(" -> ")
	}
	b.WriteString(short(c[0].From.String()))
	return b.String()
}

// pathBefore matches the directories before a package's name, which a reader of a finding need not see: where the locks are
// taken is related to it.
var pathBefore = regexp.MustCompile(`[\w.~-]+(/[\w.~-]+)*/([\w~-]+\.)`)

// short names a class with its package's name instead of its path.
func short(class string) string { return pathBefore.ReplaceAllString(class, "$2") }
