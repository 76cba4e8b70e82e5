package litmus

import (
	"fmt"
	"slices"
	"strings"
)

// Generate makes a litmus test from a cycle of edges in diy's vocabulary, such as
//
//	PodWW Rfe PodRR Fre
//
// which is message passing. Each edge ends in the event in which the next begins; external edges (Rfe, Fre, Coe) change
// the thread, edges with d change the location. The condition asks whether the cycle can happen: Never means that the model
// forbids it. Errors name the edge and what would fit.
func Generate(cycle string) (string, error) {
	edges, err := parseCycle(cycle)
	if err != nil {
		return "", err
	}
	g := &generator{edges: edges}
	if err := g.place(); err != nil {
		return "", err
	}
	return g.text(), nil
}

// Expand multiplies out the alternatives of a pattern, to sweep a family of cycles: in "{Pod,FenceWmbd}WW Rfe PodRR Fre" the
// braces stand for two choices, and so for two cycles. A pattern without braces is one cycle.
func Expand(pattern string) []string {
	list := []string{""}
	for _, word := range strings.Fields(pattern) {
		choices := []string{word}
		head, rest, open := strings.Cut(word, "{")
		if inner, tail, closed := strings.Cut(rest, "}"); open && closed {
			choices = nil
			for _, c := range strings.Split(inner, ",") {
				choices = append(choices, head+c+tail)
			}
		}
		var next []string
		for _, prefix := range list {
			for _, c := range choices {
				next = append(next, strings.TrimSpace(prefix+" "+c))
			}
		}
		list = next
	}
	return list
}

func parseCycle(cycle string) ([]edge, error) {
	var edges []edge
	for _, name := range strings.Fields(cycle) {
		e, err := parseEdge(name)
		if err != nil {
			return nil, err
		}
		edges = append(edges, e)
	}
	externals, changes := 0, 0
	for i, e := range edges {
		next := edges[(i+1)%len(edges)]
		if e.dir.to != next.dir.from {
			return nil, fmt.Errorf("%s ends in %c but %s begins with %c", e.name, e.dir.to, next.name, next.dir.from)
		}
		if e.external {
			externals++
		}
		if !e.sameLoc {
			changes++
		}
	}
	if externals < 2 {
		return nil, fmt.Errorf("cycle %q needs at least two external edges (Rfe, Fre, Coe)", cycle)
	}
	if changes == 1 {
		return nil, fmt.Errorf("cycle %q changes its location only once; it needs two edges with d, or none", cycle)
	}
	return rotate(edges), nil
}

// rotate makes the cycle begin at the start of a thread, and if possible of a location too.
func rotate(edges []edge) []edge {
	last := 0
	for i, e := range edges {
		if e.external {
			last = i
		}
	}
	return append(slices.Clone(edges[last+1:]), edges[:last+1]...)
}

// genEvent is one access of a generated test.
type genEvent struct {
	kind     byte
	ann      string
	thread   int
	loc      int
	value    int
	reg      string
	observed bool // its value belongs to the condition
}

type generator struct {
	edges  []edge
	events []genEvent // event i begins edge i
	locs   int
	writes []int // by location
}

// place gives every event its thread, location and value. The events on one location are one run of the cycle, in
// coherence order: each write is one more than the last, each read sees the newest.
func (g *generator) place() error {
	n := len(g.edges)
	g.events = make([]genEvent, n)
	thread, loc, reads := 0, 0, 0
	for i, e := range g.edges {
		ev := &g.events[i]
		ev.kind, ev.thread, ev.loc = e.dir.from, thread, loc
		before := g.edges[(i+n-1)%n]
		if err := ev.annotate(before.ann[1], e.ann[0]); err != nil {
			return fmt.Errorf("%s %s: %w", before.name, e.name, err)
		}
		if ev.kind == 'R' {
			ev.reg = fmt.Sprintf("r%d", reads)
			ev.observed = e.com != 0 || before.com != 0
			reads++
		}
		if e.external {
			thread++
			reads = 0
		}
		if !e.sameLoc {
			loc++
		}
	}
	for i := range g.events { // the last run ends in the first location
		if loc > 0 {
			g.events[i].loc %= loc
		}
	}
	g.locs = max(loc, 1)
	g.number()
	return nil
}

// number assigns values, following each location from the event after a change of location.
func (g *generator) number() {
	n := len(g.edges)
	g.writes = make([]int, g.locs)
	start := 0
	for i, e := range g.edges {
		if !e.sameLoc {
			start = (i + 1) % n
		}
	}
	for k := range n {
		ev := &g.events[(start+k)%n]
		if ev.kind == 'W' {
			g.writes[ev.loc]++
		}
		ev.value = g.writes[ev.loc]
	}
	for i, e := range g.edges { // a read before a write of the first location sees what that overwrites
		if e.com == 'f' {
			g.events[i].value = g.events[(i+1)%n].value - 1
		}
	}
}

// annotate combines what the edges on both sides say about the event.
func (ev *genEvent) annotate(a, b string) error {
	switch {
	case a == "" || a == b:
		ev.ann = b
	case b == "" || b == "Once":
		ev.ann = a
	case a == "Once":
		ev.ann = b
	default:
		return fmt.Errorf("annotations %s and %s contradict", a, b)
	}
	if ev.kind == 'R' && (ev.ann == "Release" || ev.ann == "Assign") || ev.kind == 'W' && (ev.ann == "Acquire" || ev.ann == "Deref") {
		return fmt.Errorf("%s does not fit an event of kind %c", ev.ann, ev.kind)
	}
	return nil
}

func (g *generator) locName(l int) string {
	if l < 3 {
		return string("xyz"[l])
	}
	return fmt.Sprintf("x%d", l)
}
