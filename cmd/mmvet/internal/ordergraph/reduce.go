package ordergraph

// reduced returns the graph without the edges that follow from others, as a -> c follows from a -> b and b -> c, and how many
// those are. Edges on cycles stay.
func (g *Graph) reduced() (*Graph, int) {
	back := g.backEdges()
	next := map[string][]string{}
	for i, e := range g.Edges {
		if !back[i] && e.From != e.To {
			next[e.From] = append(next[e.From], e.To)
		}
	}
	out := *g
	out.Edges = nil
	for i, e := range g.Edges {
		if e.InCycle || back[i] || !detour(next, e.From, e.To) {
			out.Edges = append(out.Edges, e)
		}
	}
	return &out, len(g.Edges) - len(out.Edges)
}

// detour says whether a way of more than one step leads from a lock to another.
func detour(next map[string][]string, from, to string) bool {
	seen := map[string]bool{from: true}
	work := []string{}
	for _, n := range next[from] {
		if n != to && !seen[n] {
			seen[n] = true
			work = append(work, n)
		}
	}
	for len(work) > 0 {
		n := work[len(work)-1]
		work = work[:len(work)-1]
		for _, m := range next[n] {
			if m == to {
				return true
			}
			if !seen[m] {
				seen[m] = true
				work = append(work, m)
			}
		}
	}
	return false
}
