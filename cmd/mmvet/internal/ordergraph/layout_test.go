package ordergraph

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/mmvet/mmvet/lockorder"
	"github.com/mmvet/mmvet/lockorder/mm"
)

// randomGraph has n locks and m edges, cycles and loops among them.
func randomGraph(seed uint64, n, m int) *Graph {
	rnd := rand.New(rand.NewPCG(seed, 1))
	var edges []Edge
	for range m {
		from, to := rnd.IntN(n), rnd.IntN(n)
		edges = append(edges, Edge{From: fmt.Sprintf("p.T%d.mu", from), To: fmt.Sprintf("p.T%d.mu", to), Then: "here"})
	}
	return build(merge(edges), nil, false)
}

// TestLayout holds the drawing to its rules: no two spots of a layer overlap, every edge leads down or is reversed, and
// through a spot in every layer in between.
func TestLayout(t *testing.T) {
	for seed := range uint64(50) {
		g := randomGraph(seed, 12, 30)
		layers, routes := g.layout()
		for _, l := range layers {
			for i := 1; i < len(l); i++ {
				if l[i-1].x+l[i-1].width/2 > l[i].x-l[i].width/2 {
					t.Errorf("seed %d: %q at %d and %q at %d overlap", seed, l[i-1].name, l[i-1].x, l[i].name, l[i].x)
				}
			}
		}
		drawn := 0
		for _, e := range g.Edges {
			if e.From != e.To {
				drawn++
			}
		}
		if len(routes) != drawn {
			t.Errorf("seed %d: %d of %d edges are drawn", seed, len(routes), drawn)
		}
		for _, r := range routes {
			for i := 1; i < len(r.through); i++ {
				if r.through[i].layer != r.through[i-1].layer+1 {
					t.Errorf("seed %d: %s -> %s jumps", seed, r.edge.From, r.edge.To)
				}
			}
		}
	}
}

// TestReduced holds the drawing to what it leaves out: no lock is reached any less.
func TestReduced(t *testing.T) {
	for seed := range uint64(50) {
		g := randomGraph(seed, 10, 25)
		small, left := g.reduced()
		if left != len(g.Edges)-len(small.Edges) {
			t.Errorf("seed %d: %d edges are said to be left out, of %d are %d there", seed, left, len(g.Edges), len(small.Edges))
		}
		for _, e := range g.Edges {
			if !reaches(small, e.From, e.To) {
				t.Errorf("seed %d: %s -> %s is lost", seed, e.From, e.To)
			}
		}
	}
}

func reaches(g *Graph, from, to string) bool {
	next := map[string][]string{}
	for _, e := range g.Edges {
		if e.From == from && e.To == to {
			return true
		}
		next[e.From] = append(next[e.From], e.To)
	}
	return detour(next, from, to)
}

// TestSVG wants well-formed XML, the same on every run.
func TestSVG(t *testing.T) {
	for _, g := range []*Graph{Declared(mm.At(lockorder.Release{})), randomGraph(1, 8, 20), build(nil, nil, false)} {
		var a, b bytes.Buffer
		if err := errors.Join(g.WriteSVG(&a), g.WriteSVG(&b)); err != nil {
			t.Fatal(err)
		}
		if a.String() != b.String() {
			t.Error("two runs differ")
		}
		dec := xml.NewDecoder(&a)
		for {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
}
