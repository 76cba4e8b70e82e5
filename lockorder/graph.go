package lockorder

import (
	"slices"
	"strings"
)

// An Edge says that a lock of class To was taken while one of class From was held.
type Edge struct {
	From, To ClassRef
	// FromRead: From was held for reading by a kind that allows recursive reads, so that it does not exclude other readers
	// even behind a waiting writer. ToRead likewise for To.
	FromRead, ToRead bool
	Declared         *Order // the declaration, if the edge is one
	// Where the locks were taken, and in which function the second was.
	Taken, Then Site
	Func        string
}

// EdgesOf returns the order edges that e adds in state h: one from each lock held to the lock taken. A trylock adds none
// as the lock taken, since it does not wait; a lock that was taken by trylock is waited for by others all the same. A lock
// that is dropped is taken again. Two locks of one class that a licence lets nest have no edge.
func EdgesOf[I comparable](h Held[I], e Event[I]) []Edge {
	if e.Op != EvAcquire && e.Op != EvDrop || e.Try || !h.Reachable() || !e.Lock.Class.Kind.Info().Blocks {
		return nil
	}
	h = h.assumeAll(e.When)
	if e.Op == EvDrop {
		i := h.same(e.Lock)
		if i < 0 {
			return nil
		}
		e.Mode = h.locks[i].Mode
	}
	var edges []Edge
	for _, x := range h.Locks() {
		if x.Maybe || !x.Lock.Class.Kind.Info().Blocks || x.Lock.is(e.Lock) {
			continue
		}
		if x.Lock.Class == e.Lock.Class && h.mayNest(x, e) {
			continue
		}
		edges = append(edges, Edge{
			From: x.Lock.Ref(), To: e.Lock.Ref(),
			FromRead: recursiveRead(x.Lock.Class, x.Mode), ToRead: recursiveRead(e.Lock.Class, e.Mode),
			Taken: x.Site, Then: e.Site, Func: e.Func,
		})
	}
	return edges
}

func recursiveRead(c *Class, m Mode) bool { return m == ReadMode && c.Kind.Info().ReadRecurse }

// A Graph is the lock order that was seen or declared. It is not safe for concurrent use. Its results do not depend on the
// order in which edges are added.
type Graph struct{ edges map[edgeKey]Edge }

type edgeKey struct {
	from, to         ClassRef
	fromRead, toRead bool
}

// Add adds an edge. Of several edges between two classes in the same modes the one with the least sites stays as witness;
// a declared one stays in any case.
func (g *Graph) Add(e Edge) {
	if g.edges == nil {
		g.edges = map[edgeKey]Edge{}
	}
	k := edgeKey{e.From, e.To, e.FromRead, e.ToRead}
	if have, ok := g.edges[k]; ok && (have.Declared != nil || e.Declared == nil && !e.less(have)) {
		return
	}
	g.edges[k] = e
}

func (e Edge) less(f Edge) bool {
	if e.Then != f.Then {
		return e.Then < f.Then
	}
	if e.Taken != f.Taken {
		return e.Taken < f.Taken
	}
	return e.Func < f.Func
}

// Declare adds the orders that p declares.
func (g *Graph) Declare(p *Profile) {
	for from, inner := range p.order {
		for to, o := range inner {
			g.Add(Edge{From: from, To: to, Declared: o})
		}
	}
}

// Edges returns all edges, sorted.
func (g *Graph) Edges() []Edge {
	edges := make([]Edge, 0, len(g.edges))
	for _, e := range g.edges {
		edges = append(edges, e)
	}
	slices.SortFunc(edges, compareEdges)
	return edges
}

func compareEdges(e, f Edge) int {
	if c := strings.Compare(e.From.String(), f.From.String()); c != 0 {
		return c
	}
	if c := strings.Compare(e.To.String(), f.To.String()); c != 0 {
		return c
	}
	if e.FromRead != f.FromRead {
		return boolCompare(e.FromRead)
	}
	if e.ToRead != f.ToRead {
		return boolCompare(e.ToRead)
	}
	return 0 // no two edges of a graph are equal up to here
}

func boolCompare(first bool) int {
	if first {
		return 1
	}
	return -1
}

// A Cycle is a way to deadlock: each edge's To is the next edge's From. It starts at the least class.
type Cycle []Edge

// Cycles returns for every edge that lies on a cycle a shortest one through it, each cycle once, sorted; where the shortest
// way back passes a class twice, the cycle within that way. Cycles through a lock that one task holds as a recursive reader, and that the next takes as a recursive reader, cannot deadlock and are
// not cycles (lockdep's strong dependency paths: Documentation/locking/lockdep-design.rst, "Recursive read locks"). Edges
// that are all declared are the contract's business and are left out.
func (g *Graph) Cycles() []Cycle {
	edges := g.Edges()
	from := map[ClassRef][]int{}
	for i, e := range edges {
		from[e.From] = append(from[e.From], i)
	}
	component := components(edges, from)
	search := cycleSearch{edges: edges, from: from, seen: make([]int, len(edges)), parent: make([]int, len(edges))}
	seen := map[string]bool{}
	var cycles []Cycle
	for i, e := range edges {
		if e.Declared != nil || component[e.From] != component[e.To] {
			continue
		}
		c := search.through(i).simple()
		if c.declared() {
			continue
		}
		c = c.rotate()
		if key := c.key(); !seen[key] {
			seen[key] = true
			cycles = append(cycles, c)
		}
	}
	slices.SortFunc(cycles, func(a, b Cycle) int { return strings.Compare(a.key(), b.key()) })
	return cycles
}

// strong says whether f can follow e on a deadlock: not if e's task waits as a recursive reader for a lock that f's task
// holds as a reader, since readers let each other in.
func strong(e, f Edge) bool { return e.To == f.From && !(e.ToRead && f.FromRead) }

// A cycleSearch is what searches from several edges share.
type cycleSearch struct {
	edges  []Edge
	from   map[ClassRef][]int
	seen   []int // the last search that came to an edge
	parent []int
	queue  []int
	round  int
}

// through searches breadth first, over edges, from edge start back to it.
func (s *cycleSearch) through(start int) Cycle {
	s.round++
	s.seen[start], s.parent[start] = s.round, -1
	s.queue = append(s.queue[:0], start)
	for head := 0; head < len(s.queue); head++ {
		i := s.queue[head]
		if strong(s.edges[i], s.edges[start]) {
			var path Cycle
			for at := i; at >= 0; at = s.parent[at] {
				path = append(path, s.edges[at])
			}
			slices.Reverse(path)
			return path
		}
		for _, j := range s.from[s.edges[i].To] {
			if s.seen[j] != s.round && strong(s.edges[i], s.edges[j]) {
				s.seen[j], s.parent[j] = s.round, i
				s.queue = append(s.queue, j)
			}
		}
	}
	return nil
}

// components numbers the strongly connected components of the classes (Tarjan): no cycle leaves one.
func components(edges []Edge, from map[ClassRef][]int) map[ClassRef]int {
	component, index, low := map[ClassRef]int{}, map[ClassRef]int{}, map[ClassRef]int{}
	var stack []ClassRef
	var visit func(ClassRef)
	visit = func(c ClassRef) {
		index[c] = len(index) + 1
		low[c] = index[c]
		stack = append(stack, c)
		for _, i := range from[c] {
			to := edges[i].To
			if index[to] == 0 {
				visit(to)
				low[c] = min(low[c], low[to])
			} else if component[to] == 0 {
				low[c] = min(low[c], index[to])
			}
		}
		for low[c] == index[c] && component[c] == 0 {
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			component[top] = index[c]
		}
	}
	for _, e := range edges {
		if index[e.From] == 0 {
			visit(e.From)
		}
	}
	return component
}

// declared says whether all edges of c are declared, or c is empty.
func (c Cycle) declared() bool {
	return !slices.ContainsFunc(c, func(e Edge) bool { return e.Declared == nil })
}

// simple returns a cycle within c that passes each class once. There is one: where c passes a class twice, one of the two
// parts is a cycle by itself, since a deadlock goes through that class either time.
func (c Cycle) simple() Cycle {
	for i := range c {
		for j := i + 1; j < len(c); j++ {
			if c[i].From != c[j].From {
				continue
			}
			if part := c[i:j]; strong(part[len(part)-1], part[0]) {
				return part.simple()
			}
			return slices.Concat(c[j:], c[:i]).simple()
		}
	}
	return c
}

// rotate returns c so that it starts at its least class.
func (c Cycle) rotate() Cycle {
	least := 0
	for i := range c {
		if compareEdges(c[i], c[least]) < 0 {
			least = i
		}
	}
	return append(slices.Clone(c[least:]), c[:least]...)
}

func (c Cycle) key() string {
	var b strings.Builder
	for _, e := range c {
		b.WriteString(e.From.String())
		b.WriteString(" -> ")
	}
	return b.String()
}
