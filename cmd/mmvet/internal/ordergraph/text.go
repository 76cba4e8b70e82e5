package ordergraph

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/mmvet/mmvet/cmd/mmvet/internal/report"
)

// WriteJSON writes the graph as one JSON object.
func (g *Graph) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "\t")
	return enc.Encode(g)
}

// WriteText writes the graph for people: under each lock those that are taken while it is held, and then the cycles.
func (g *Graph) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	label := g.labels()
	for _, n := range g.Nodes {
		first := true
		for _, e := range g.Edges {
			if e.From != n.Name {
				continue
			}
			if first {
				fmt.Fprintln(b, n.Label)
				first = false
			}
			fmt.Fprintf(b, "    %s %s%s\n", arrow(e), label[e.To], e.source())
		}
	}
	for i, c := range g.Cycles {
		fmt.Fprintf(b, "\ncycle %d: %s\n", i+1, strings.Join(mapped(c, label), " -> "))
		for j := range len(c) - 1 {
			e := g.between(c[j], c[j+1])
			fmt.Fprintf(b, "    %s -> %s%s\n", label[c[j]], label[c[j+1]], e.source())
			if e.TakenPos.Line > 0 {
				fmt.Fprintf(b, "        %s: %s\n", place(e.TakenPos), e.Taken)
				fmt.Fprintf(b, "        %s: %s\n", place(e.ThenPos), e.Then)
			} else if e.Taken != "" {
				fmt.Fprintf(b, "        %s\n        %s\n", e.Taken, e.Then)
			}
		}
	}
	fmt.Fprintf(b, "%s, %s, %s\n", report.Count(len(g.Nodes), "lock"), report.Count(len(g.Edges), "edge"), report.Count(len(g.Cycles), "cycle"))
	return b.Flush()
}

func arrow(e Edge) string {
	switch {
	case e.InCycle:
		return "!>"
	case e.Declared:
		return "..>"
	}
	return "->"
}

// source says where an edge comes from.
func (e Edge) source() string {
	switch {
	case e.Declared:
		return "  (" + e.Then + ")"
	case e.ThenPos.Line == 0:
		return "  (" + e.Then + ")"
	case e.Sites > 1:
		return fmt.Sprintf("  (%s and %s)", place(e.ThenPos), report.Count(e.Sites-1, "other place"))
	}
	return "  (" + place(e.ThenPos) + ")"
}

func place(p report.Position) string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

func (g *Graph) labels() map[string]string {
	out := map[string]string{}
	for _, n := range g.Nodes {
		out[n.Name] = n.Label
	}
	return out
}

func mapped(names []string, to map[string]string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = to[n]
	}
	return out
}

// between returns an edge between two locks, one of the code if there is one.
func (g *Graph) between(from, to string) Edge {
	for _, e := range g.Edges {
		if e.From == from && e.To == to {
			return e
		}
	}
	return Edge{}
}

// WriteDOT writes the graph for graphviz.
func (g *Graph) WriteDOT(w io.Writer) error {
	b := bufio.NewWriter(w)
	label := g.labels()
	fmt.Fprintf(b, "digraph lockorder {\n\tnode [shape=box, fontname=monospace];\n")
	for _, n := range g.Nodes {
		color := ""
		if n.InCycle {
			color = ", color=red"
		}
		fmt.Fprintf(b, "\t%q [tooltip=%q%s];\n", n.Label, n.Name, color)
	}
	for _, e := range g.Edges {
		style := "solid"
		if e.Declared {
			style = "dashed"
		}
		color := "black"
		if e.InCycle {
			color = "red"
		}
		fmt.Fprintf(b, "\t%q -> %q [style=%s, color=%s, tooltip=%q];\n", label[e.From], label[e.To], style, color, strings.TrimSpace(e.source()))
	}
	fmt.Fprintln(b, "}")
	return b.Flush()
}
