package lockcycle

import (
	"cmp"
	"flag"
	"fmt"
	"go/token"
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
	Requires:  []*analysis.Analyzer{heldset.Analyzer},
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
		o.dump(pass)
		o.export(pass)
		return nil, nil
	}
	for _, f := range result.Findings {
		if f.Rule == lockorder.RuleOrder || f.Rule == lockorder.RuleNesting {
			f.Report(pass, name)
		}
	}
	if !inferred {
		return nil, nil
	}
	o := newOrder(pass)
	for _, e := range result.Edges {
		if likely(e) {
			o.add(e)
		}
	}
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
			"the other way round waits for this one", name, c[0].From)
	}
	for _, e := range c {
		w := o.witness[siteKey{e.From, e.To, e.Taken, e.Then}]
		if e.Then <= 0 {
			d.Related = append(d.Related, analysis.RelatedInformation{
				Pos: pos, Message: fmt.Sprintf("%s, then %s", w.TakenText, w.ThenText),
			})
			continue
		}
		d.Related = append(d.Related, analysis.RelatedInformation{
			Pos: token.Pos(e.Then), Message: fmt.Sprintf("while %s is held, %s", e.From, w.ThenText),
		})
	}
	pass.Report(d)
}

func text(c lockorder.Cycle) string {
	var b strings.Builder
	for _, e := range c {
		b.WriteString(e.From.String())
		b.WriteString(" -> ")
	}
	b.WriteString(c[0].From.String())
	return b.String()
}
