package lockorder

import (
	"slices"
	"strings"
)

// closeOrder returns the transitive closure of the declarations in force: outer class, inner class, and the declaration
// that the first step stands in. A subclass without an order of its own has none: that two locks of one class have
// different ranks is the point of subclasses.
func closeOrder(orders []*Order, r Release) map[ClassRef]map[ClassRef]*Order {
	closed := map[ClassRef]map[ClassRef]*Order{}
	add := func(a, b ClassRef, o *Order) bool {
		if closed[a] == nil {
			closed[a] = map[ClassRef]*Order{}
		}
		if closed[a][b] != nil {
			return false
		}
		closed[a][b] = o
		return true
	}
	for _, o := range orders {
		if o.Never || !o.Span.Contains(r) {
			continue
		}
		for i := 0; i+1 < len(o.Chain); i++ {
			for _, a := range o.Chain[i] {
				for _, b := range o.Chain[i+1] {
					add(ParseClassRef(a), ParseClassRef(b), o)
				}
			}
		}
	}
	// Warshall, over a sorted list so that the declaration named for a pair is the same on every run.
	nodes := orderNodes(closed)
	for _, k := range nodes {
		for _, i := range nodes {
			first := closed[i][k]
			if first == nil {
				continue
			}
			for _, j := range nodes {
				if closed[k][j] != nil {
					add(i, j, first)
				}
			}
		}
	}
	return closed
}

func orderNodes(closed map[ClassRef]map[ClassRef]*Order) []ClassRef {
	seen := map[ClassRef]bool{}
	for a, inner := range closed {
		seen[a] = true
		for b := range inner {
			seen[b] = true
		}
	}
	nodes := make([]ClassRef, 0, len(seen))
	for n := range seen {
		nodes = append(nodes, n)
	}
	slices.SortFunc(nodes, func(a, b ClassRef) int { return strings.Compare(a.String(), b.String()) })
	return nodes
}

// ParseClassRef reads "class" or "class:sub".
func ParseClassRef(s string) ClassRef {
	class, sub, _ := strings.Cut(s, ":")
	return ClassRef{class, sub}
}
