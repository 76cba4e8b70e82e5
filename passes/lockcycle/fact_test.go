package lockcycle

import (
	"slices"
	"testing"

	"github.com/mmvet/mmvet/lockorder"
)

// TestManyEdges loses no order of two locks in the fact of a package that has many edges, only further places of one.
func TestManyEdges(t *testing.T) {
	var edges []lockorder.Edge
	a, b := lockorder.ClassRef{Class: "a"}, lockorder.ClassRef{Class: "b"}
	for site := range lockorder.Site(10) {
		edges = append(edges, lockorder.Edge{From: a, To: b, Then: site}, lockorder.Edge{From: a, To: b, ToRead: true, Then: site})
	}
	edges = append(edges, lockorder.Edge{From: b, To: a, Then: 10})
	if got := atMost(len(edges), edges); len(got) != len(edges) {
		t.Errorf("%d of %d edges are left, and there is room for all", len(got), len(edges))
	}
	want := []lockorder.Edge{edges[0], edges[1], edges[20]}
	if got := atMost(10, edges); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
