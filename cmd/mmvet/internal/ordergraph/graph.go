// Package ordergraph is the lock order of a program: which lock is taken while which is held, as the code does it and as
// contracts declare it, and the cycles in it. It prints the order as text, JSON, DOT and SVG, the same on every run.
package ordergraph

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
	"github.com/mmvet/mmvet/lockorder"
)

// Category is the rule of the findings by which the analyzer lockcycle hands out edges, with the flag -lockcycle.graph.
const Category = "lockorder-edge"

// A Graph is a lock order. Nodes are sorted by name, edges by their ends, inferred ones first.
type Graph struct {
	Nodes  []Node     `json:"locks"`
	Edges  []Edge     `json:"edges"`
	Cycles [][]string `json:"cycles"`
}

// A Node is a class of locks.
type Node struct {
	// Name is the class: the import path, type and field, or the kernel's name.
	Name string `json:"name"`
	// Label is a short name that is unique in the graph.
	Label   string `json:"label"`
	InCycle bool   `json:"inCycle"`
}

// An Edge says that To is taken while From is held.
type Edge struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Declared bool   `json:"declared"`
	// FromRead and ToRead say that the lock is one for recursive readers, held or taken as such.
	FromRead bool `json:"fromRead,omitempty"`
	ToRead   bool `json:"toRead,omitempty"`
	InCycle  bool `json:"inCycle"`
	// Func is where the second lock is taken; Taken and Then are what happens at the two places, of a declared edge Then is
	// its source. The positions are zero for edges of packages that were not asked for.
	Func     string          `json:"func,omitempty"`
	Taken    string          `json:"taken,omitempty"`
	Then     string          `json:"then"`
	TakenPos report.Position `json:"takenPos"`
	ThenPos  report.Position `json:"thenPos"`
	// Sites counts the places in the code that make the edge.
	Sites int `json:"sites"`
}

// New builds the order from the findings of a check with -lockcycle.graph, and what profile declares about locks among
// them; profile may be nil. All of it is in all packages: cycles across packages that do not import one another show here.
func New(found []report.Finding, profile *lockorder.Profile) (*Graph, error) {
	var edges []Edge
	for _, f := range found {
		if f.Rule != Category {
			continue
		}
		e, err := read(f)
		if err != nil {
			return nil, err
		}
		edges = append(edges, e)
	}
	return build(merge(edges), profile, false), nil
}

// Declared returns the order that a contract declares.
func Declared(profile *lockorder.Profile) *Graph { return build(nil, profile, true) }

func read(f report.Finding) (Edge, error) {
	var raw struct {
		Edge
		Imported bool `json:"imported"`
	}
	if err := json.Unmarshal([]byte(f.Message), &raw); err != nil {
		return Edge{}, fmt.Errorf("the analyzer lockcycle printed no edge but %q", f.Message)
	}
	e := raw.Edge
	if !raw.Imported {
		e.ThenPos = f.Pos
		for _, n := range f.Notes {
			e.TakenPos = n.Pos
		}
	}
	e.Sites = 1
	return e, nil
}

type ends struct {
	from, to                   string
	fromRead, toRead, declared bool
}

// merge keeps one edge for each pair of locks and modes: the one with the first position.
func merge(edges []Edge) []Edge {
	slices.SortFunc(edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), boolFirst(a.ThenPos.Line > 0, b.ThenPos.Line > 0),
			cmp.Compare(a.ThenPos.File, b.ThenPos.File), cmp.Compare(a.ThenPos.Line, b.ThenPos.Line),
			cmp.Compare(a.ThenPos.Column, b.ThenPos.Column), cmp.Compare(a.Then, b.Then), cmp.Compare(a.Taken, b.Taken))
	})
	at := map[ends]int{}
	var out []Edge
	for _, e := range edges {
		k := ends{e.From, e.To, e.FromRead, e.ToRead, e.Declared}
		if i, ok := at[k]; ok {
			if e.ThenPos.Line > 0 && e.ThenPos != out[i].ThenPos {
				out[i].Sites++
			}
			continue
		}
		at[k] = len(out)
		out = append(out, e)
	}
	return out
}

func boolFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// build adds the declarations, and finds the cycles.
func build(edges []Edge, profile *lockorder.Profile, all bool) *Graph {
	g := &Graph{Nodes: []Node{}, Edges: edges, Cycles: [][]string{}}
	used := map[string]bool{}
	for _, e := range edges {
		used[e.From], used[e.To] = true, true
	}
	if profile != nil {
		for _, e := range declared(profile) {
			if all || used[e.From] && used[e.To] {
				g.Edges = append(g.Edges, e)
				used[e.From], used[e.To] = true, true
			}
		}
	}
	var names []string
	for name := range used {
		names = append(names, name)
	}
	slices.Sort(names)
	labels := shortNames(names)
	for _, name := range names {
		g.Nodes = append(g.Nodes, Node{Name: name, Label: labels[name]})
	}
	g.findCycles()
	return g
}

// declared returns the orders of a contract without those that follow from others.
func declared(profile *lockorder.Profile) []Edge {
	var graph lockorder.Graph
	graph.Declare(profile)
	all := graph.Edges()
	has := map[[2]string]bool{}
	for _, e := range all {
		has[[2]string{e.From.String(), e.To.String()}] = true
	}
	var out []Edge
	for _, e := range all {
		from, to := e.From.String(), e.To.String()
		follows := slices.ContainsFunc(all, func(m lockorder.Edge) bool {
			mid := m.To.String()
			return m.From.String() == from && mid != to && mid != from && has[[2]string{mid, to}]
		})
		if !follows {
			out = append(out, Edge{From: from, To: to, Declared: true, Then: "declared at " + e.Declared.Pos.String()})
		}
	}
	return out
}

// findCycles finds the cycles and marks what lies on them.
func (g *Graph) findCycles() {
	var graph lockorder.Graph
	for _, e := range g.Edges {
		edge := lockorder.Edge{
			From: lockorder.ParseClassRef(e.From), To: lockorder.ParseClassRef(e.To), FromRead: e.FromRead, ToRead: e.ToRead,
		}
		if e.Declared {
			edge.Declared = &lockorder.Order{}
		}
		graph.Add(edge)
	}
	for _, c := range graph.Cycles() {
		var names []string
		for _, e := range c {
			names = append(names, e.From.String())
			for i := range g.Edges {
				x := &g.Edges[i]
				x.InCycle = x.InCycle || x.From == e.From.String() && x.To == e.To.String()
			}
		}
		g.Cycles = append(g.Cycles, append(names, names[0]))
		for i := range g.Nodes {
			g.Nodes[i].InCycle = g.Nodes[i].InCycle || slices.Contains(names, g.Nodes[i].Name)
		}
	}
}

// shortNames gives every class the shortest end of its import path that tells it from the others.
func shortNames(names []string) map[string]string {
	out := map[string]string{}
	for _, name := range names {
		for depth := 1; ; depth++ {
			short := tail(name, depth)
			if short == name || !slices.ContainsFunc(names, func(n string) bool { return n != name && tail(n, depth) == short }) {
				out[name] = short
				break
			}
		}
	}
	return out
}

// tail returns the last elements of a path: tail("a.b/c/d.T.mu", 1) is "d.T.mu".
func tail(name string, depth int) string {
	parts := strings.Split(name, "/")
	return path.Join(parts[max(0, len(parts)-depth):]...)
}
