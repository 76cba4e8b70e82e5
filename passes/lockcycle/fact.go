package lockcycle

import (
	"cmp"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/passes/heldset"
)

// An orderFact is the lock order of a package and of all that it imports: under the go command a package sees the facts of
// its direct imports only.
type orderFact struct {
	Edges []factEdge
	// Cycles are those that were reported below.
	Cycles []string
}

// A factEdge is an edge for packages that import the one it is in; its sites are text.
type factEdge struct {
	From, To         lockorder.ClassRef
	FromRead, ToRead bool
	Taken, Then      string
	Func             string
	Gates            []string
	Within, Across   bool
}

// AFact marks orderFact as a fact.
func (*orderFact) AFact() {}

// String returns the fact as it stands in the expectations of tests.
func (f *orderFact) String() string {
	parts := make([]string, len(f.Edges))
	for i, e := range f.Edges {
		parts[i] = e.From.String() + " -> " + e.To.String()
	}
	return strings.Join(parts, "; ")
}

// manyEdges is when the fact of a package names one place for an order of two classes, and not all. Whole programs of a million
// lines have some hundred edges.
const manyEdges = 4096

type siteKey struct {
	from, to    lockorder.ClassRef
	taken, then lockorder.Site
}

// An order is the graph over a package and what it imports.
type order struct {
	graph   lockorder.Graph
	bounds  map[ends]bound
	known   map[string]bool // cycles that were reported in an imported package
	witness map[siteKey]heldset.Edge
	pass    *analysis.Pass
}

// newOrder returns the graph of the imported packages. Its edges have negative sites: numbers of texts.
func newOrder(pass *analysis.Pass) *order {
	o := &order{bounds: map[ends]bound{}, known: map[string]bool{}, witness: map[siteKey]heldset.Edge{}, pass: pass}
	var all []factEdge
	for _, f := range pass.AllPackageFacts() {
		fact := f.Fact.(*orderFact)
		all = append(all, fact.Edges...)
		for _, c := range fact.Cycles {
			o.known[c] = true
		}
	}
	slices.SortFunc(all, compare)
	all = slices.CompactFunc(all, func(a, b factEdge) bool { return compare(a, b) == 0 })
	for i, e := range all {
		site := lockorder.Site(i - len(all))
		o.add(heldset.Edge{
			Edge: lockorder.Edge{
				From: e.From, To: e.To, FromRead: e.FromRead, ToRead: e.ToRead, Taken: site, Then: site, Func: e.Func,
			},
			TakenText: e.Taken, ThenText: e.Then, Gates: e.Gates, Within: e.Within, Across: e.Across,
		})
	}
	return o
}

func compare(a, b factEdge) int {
	return cmp.Or(
		cmp.Compare(a.From.String(), b.From.String()), cmp.Compare(a.To.String(), b.To.String()),
		cmp.Compare(a.Then, b.Then), cmp.Compare(a.Taken, b.Taken), cmp.Compare(a.Func, b.Func),
		cmp.Compare(fmt.Sprint(a.FromRead, a.ToRead), fmt.Sprint(b.FromRead, b.ToRead)),
	)
}

func (o *order) add(e heldset.Edge) {
	o.bind(e)
	o.graph.Add(e.Edge)
	o.witness[siteKey{e.From, e.To, e.Taken, e.Then}] = e
}

// export publishes the graph for the packages that import this one.
func (o *order) export(pass *analysis.Pass) {
	var fact orderFact
	for _, e := range atMost(manyEdges, o.graph.Edges()) {
		if e.Declared != nil {
			continue // importers read it where it is declared
		}
		w := o.witness[siteKey{e.From, e.To, e.Taken, e.Then}]
		fact.Edges = append(fact.Edges, factEdge{
			From: e.From, To: e.To, FromRead: e.FromRead, ToRead: e.ToRead, Func: e.Func,
			Taken: o.place(w.TakenText, e.Taken), Then: o.place(w.ThenText, e.Then),
			Gates: o.bounds[ends{e.From, e.To}].gates, Within: o.bounds[ends{e.From, e.To}].within, Across: o.bounds[ends{e.From, e.To}].across,
		})
	}
	for _, c := range o.cycles() {
		fact.Cycles = append(fact.Cycles, key(c))
	}
	if len(fact.Edges) > 0 {
		pass.ExportPackageFact(&fact)
	}
}

// atMost leaves out edges between classes that an earlier edge orders in the same modes, if there are more than n. No order is lost,
// and so no cycle.
func atMost(n int, edges []lockorder.Edge) []lockorder.Edge {
	if len(edges) <= n {
		return edges
	}
	type pair struct {
		from, to         lockorder.ClassRef
		fromRead, toRead bool
	}
	seen := map[pair]bool{}
	return slices.DeleteFunc(slices.Clone(edges), func(e lockorder.Edge) bool {
		p := pair{e.From, e.To, e.FromRead, e.ToRead}
		was := seen[p]
		seen[p] = true
		return was
	})
}

// place adds to the text of an edge of this package where it is.
func (o *order) place(text string, site lockorder.Site) string {
	if site <= 0 {
		return text
	}
	p := o.pass.Fset.Position(token.Pos(site))
	return fmt.Sprintf("%s (%s:%d)", text, filepath.Base(p.Filename), p.Line)
}

func key(c lockorder.Cycle) string { return text(c) }
