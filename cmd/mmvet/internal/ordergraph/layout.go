package ordergraph

import (
	"cmp"
	"slices"
)

// The drawing is layered (Sugiyama, Tagawa, Toda 1981): a lock stands below those that are held when it is taken, edges over
// several layers bend at points of their own, and the order within the layers is by the mean of the neighbours.

// A spot is a node, or a bend of an edge, in the drawing.
type spot struct {
	name  string // "" for a bend
	layer int
	x     int // the middle
	width int
	order float64
	ups   []*spot
	downs []*spot
}

// A route is how an edge is drawn: through its spots, from above to below. A reversed one points upwards.
type route struct {
	edge     Edge
	through  []*spot
	reversed bool
}

// Sizes of the drawing, in pixels; glyphWidth is the width of a character at the font size.
const (
	glyphWidth  = 8
	boxPadding  = 20
	spotGap     = 28
	bendWidth   = 12
	layerHeight = 84
	margin      = 24
	sweeps      = 12 // over the layers; the order settles in fewer for all that was drawn
)

// layout places the locks of g. Edges from a lock to itself have no route.
func (g *Graph) layout() (layers [][]*spot, routes []route) {
	up := g.backEdges()
	layer := g.layers(up)
	spots := map[string]*spot{}
	for _, n := range g.Nodes {
		s := &spot{name: n.Name, layer: layer[n.Name], width: len(n.Label)*glyphWidth + boxPadding}
		spots[n.Name] = s
		layers = put(layers, s)
	}
	for i, e := range g.Edges {
		if e.From == e.To {
			continue
		}
		r := route{edge: e, reversed: up[i]}
		from, to := spots[e.From], spots[e.To]
		if up[i] {
			from, to = to, from
		}
		r.through = []*spot{from}
		for l := from.layer + 1; l < to.layer; l++ {
			bend := &spot{layer: l, width: bendWidth}
			layers = put(layers, bend)
			r.through = append(r.through, bend)
		}
		r.through = append(r.through, to)
		for j := range len(r.through) - 1 {
			a, b := r.through[j], r.through[j+1]
			a.downs, b.ups = append(a.downs, b), append(b.ups, a)
		}
		routes = append(routes, r)
	}
	arrange(layers)
	return layers, routes
}

func put(layers [][]*spot, s *spot) [][]*spot {
	for len(layers) <= s.layer {
		layers = append(layers, nil)
	}
	layers[s.layer] = append(layers[s.layer], s)
	return layers
}

// backEdges finds the edges by which a depth-first search comes back to a lock that it is at: without them there is no cycle.
func (g *Graph) backEdges() map[int]bool {
	const begun, done = 1, 2
	state := map[string]int{}
	back := map[int]bool{}
	var visit func(string)
	visit = func(name string) {
		state[name] = begun
		for i, e := range g.Edges {
			if e.From != name || e.To == name {
				continue
			}
			switch state[e.To] {
			case begun:
				back[i] = true
			case 0:
				visit(e.To)
			}
		}
		state[name] = done
	}
	for _, n := range g.Nodes {
		if state[n.Name] == 0 {
			visit(n.Name)
		}
	}
	return back
}

// layers gives every lock the length of the longest way to it.
func (g *Graph) layers(back map[int]bool) map[string]int {
	layer := map[string]int{}
	for changed := true; changed; {
		changed = false
		for i, e := range g.Edges {
			from, to := e.From, e.To
			if back[i] {
				from, to = to, from
			}
			if from != to && layer[to] < layer[from]+1 {
				layer[to] = layer[from] + 1
				changed = true
			}
		}
	}
	return layer
}

// arrange orders every layer by the neighbours of its spots, and then gives them places.
func arrange(layers [][]*spot) {
	for _, l := range layers {
		for i, s := range l {
			s.order = float64(i)
		}
	}
	for round := range sweeps {
		for i := range layers {
			l, neighbours := layers[i], func(s *spot) []*spot { return s.ups }
			if round%2 == 1 {
				l, neighbours = layers[len(layers)-1-i], func(s *spot) []*spot { return s.downs }
			}
			for _, s := range l {
				if n := neighbours(s); len(n) > 0 {
					s.order = mean(n, func(s *spot) float64 { return s.order })
				}
			}
			slices.SortStableFunc(l, func(a, b *spot) int { return cmp.Compare(a.order, b.order) })
			for j, s := range l {
				s.order = float64(j)
			}
		}
	}
	for _, l := range layers {
		pack(l, func(*spot) float64 { return 0 })
	}
	for range sweeps {
		for _, l := range layers {
			pack(l, func(s *spot) float64 {
				return mean(slices.Concat(s.ups, s.downs), func(s *spot) float64 { return float64(s.x) })
			})
		}
	}
	shift(layers)
}

func mean(spots []*spot, of func(*spot) float64) float64 {
	sum := 0.0
	for _, s := range spots {
		sum += of(s)
	}
	return sum / float64(max(1, len(spots)))
}

// pack places the spots of a layer as near to where they want to be as their widths allow: first from the left, and then
// all of them back by what they were pushed on the mean.
func pack(l []*spot, want func(*spot) float64) {
	if len(l) == 0 {
		return
	}
	pushed, right := 0.0, 0
	for i, s := range l {
		w := int(want(s))
		s.x = w
		if left := right + spotGap + s.width/2; i > 0 && s.x < left {
			s.x = left
		}
		pushed += float64(s.x - w)
		right = s.x + s.width/2
	}
	back := int(pushed / float64(len(l)))
	for _, s := range l {
		s.x -= back
	}
}

// shift moves the drawing to its margin.
func shift(layers [][]*spot) {
	left := 0
	for _, l := range layers {
		for _, s := range l {
			left = min(left, s.x-s.width/2)
		}
	}
	for _, l := range layers {
		for _, s := range l {
			s.x += margin - left
		}
	}
}
