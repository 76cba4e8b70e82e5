package memorder

import "math/bits"

// A Step names one event of an execution, fences included: step Index of thread Thread.
type Step struct{ Thread, Index int }

// An Edge is one step of an explanation: From is ordered before To by the relation Name, in LKMM's words.
type Edge struct {
	From, To Step
	Name     string
}

// A Violation says why an execution is forbidden: the axiom, and the cycle that it forbids, edge by edge, with hb, pb, prop
// and rcu-link resolved into program order, fences, dependencies and communication. The last edge ends where the first
// begins.
type Violation struct {
	Axiom Axiom
	Cycle []Edge
}

// Explain checks the execution and, if it is forbidden, finds a shortest cycle. It is made for reports: it allocates.
func (x *Execution) Explain() Violation {
	v := Violation{Axiom: x.Check()}
	p := pathFinder{c: &x.check}
	switch v.Axiom {
	case Allowed:
	case Coherence, Atomic:
		x.check.load(x)
		x.check.localOrder()
		v.Cycle = p.incoherent(v.Axiom)
	case HappensBefore:
		v.Cycle = p.cycle(func(b int) []hop { return p.hbHops(b) })
	case Propagation:
		v.Cycle = p.cycle(func(b int) []hop { return p.pbHops(b) })
	case RCU:
		v.Cycle = p.rcuCycle()
	case PlainCoherence:
		v.Cycle = p.plainCycle()
	}
	return v
}

// hop is one step of a search, backwards: from leads to the event searched from, by the edges in via.
type hop struct {
	from int
	via  []Edge
}

// pathFinder resolves the composed relations of a checker into edges. It searches breadth first and backwards, because rows
// hold predecessors.
type pathFinder struct{ c *checker }

// step converts an event to a Step.
func (p pathFinder) step(e int) Step {
	t := int(p.c.thread[e])
	if e < p.c.accesses {
		return Step{t, p.c.x.threads[t].access[e-p.c.base[t]]}
	}
	k := e - p.c.accesses // a node that is an event
	for i, th := range p.c.x.threads {
		for _, v := range th.nodes {
			if !th.steps[v.step].Accesses() {
				if k == 0 {
					return Step{i, v.step}
				}
				k--
			}
		}
	}
	panic("memorder: no such event")
}

func (p pathFinder) edge(from, to int, name string) Edge { return Edge{p.step(from), p.step(to), name} }

// members lists the elements of a row.
func members(row rel) []int {
	var list []int
	for k, x := range row {
		for ; x != 0; x &= x - 1 {
			list = append(list, k<<6+bits.TrailingZeros64(x))
		}
	}
	return list
}

// cycle finds a shortest cycle of hops.
func (p pathFinder) cycle(hops func(int) []hop) []Edge {
	var best []Edge
	known := map[int][]hop{}
	s := search{hops: func(b int) []hop {
		list, ok := known[b]
		if !ok {
			list = hops(b)
			known[b] = list
		}
		return list
	}}
	for e := range p.c.accesses {
		if found := s.shorter(e, e, len(best)); found != nil {
			best = found
		}
	}
	return best
}

// path finds a shortest non-empty path of hops from one event to another, counting edges.
func (p pathFinder) path(from, to int, hops func(int) []hop) []Edge {
	s := search{hops: hops}
	return s.shorter(from, to, 0)
}

// A search goes backwards along hops, breadth first. It may be used again.
type search struct {
	hops  func(int) []hop
	at    []trail // by event
	run   int
	queue []int
}

// A trail is how a search came to an event.
type trail struct {
	run   int    // of the search, for which the rest holds
	via   []Edge // to the next event
	next  int
	edges int // of the whole
}

// shorter finds a path with fewer edges than limit, if that is not 0.
func (s *search) shorter(from, to, limit int) []Edge {
	s.run++
	s.queue = append(s.queue[:0], to)
	s.reach(to, trail{run: s.run})
	for depth, done := 1, 0; done < len(s.queue) && (limit == 0 || depth < limit); depth++ {
		found := trail{}
		for level := len(s.queue); done < level; done++ {
			e := s.queue[done]
			for _, h := range s.hops(e) {
				t := trail{s.run, h.via, e, s.at[e].edges + len(h.via)}
				if h.from == from && (found.run == 0 || t.edges < found.edges) {
					found = t
				}
				if s.reach(h.from, t) {
					s.queue = append(s.queue, h.from)
				}
			}
		}
		if found.run != 0 {
			if limit != 0 && found.edges >= limit {
				return nil
			}
			return s.path(found, to)
		}
	}
	return nil
}

// reach notes how the search came to an event, if it is the first time.
func (s *search) reach(e int, t trail) bool {
	for len(s.at) <= e {
		s.at = append(s.at, trail{})
	}
	if s.at[e].run == s.run {
		return false
	}
	s.at[e] = t
	return true
}

// path returns the edges of a trail.
func (s *search) path(t trail, to int) []Edge {
	path := append(make([]Edge, 0, t.edges), t.via...)
	for e := t.next; e != to; e = t.next {
		t = s.at[e]
		path = append(path, t.via...)
	}
	return path
}

// incoherent explains coherence by a cycle in po-loc | com, and atomic by the write between the halves.
func (p pathFinder) incoherent(a Axiom) []Edge {
	c := p.c
	if a == Coherence {
		return p.cycle(func(b int) []hop {
			var list []hop
			for _, e := range members(c.row(c.same, b)) {
				if e < b && c.access[e].Loc == c.access[b].Loc {
					list = append(list, hop{e, []Edge{p.edge(e, b, "po-loc")}})
				}
			}
			return append(list, p.comHops(b)...)
		})
	}
	for w, e := range c.access {
		if e.Kind != Write || e.Half != PairedRMW {
			continue
		}
		for _, between := range members(c.row(c.co, w)) {
			if c.has(c.fr, w-1, between) {
				return []Edge{p.edge(w-1, between, "fr"), p.edge(between, w, "co"), p.edge(w, w-1, "rmw^-1")}
			}
		}
	}
	return nil
}

// comHops are rf, co and fr.
func (p pathFinder) comHops(b int) []hop {
	var list []hop
	for _, r := range []struct {
		name string
		rel  rel
	}{{"rf", p.c.rf}, {"co", p.c.co}, {"fr", p.c.fr}} {
		for _, a := range members(p.c.row(r.rel, b)) {
			if a != b {
				list = append(list, hop{a, []Edge{p.edge(a, b, r.name)}})
			}
		}
	}
	return list
}

// plainCycle explains plain-coherence: communication one way, visibility the other.
func (p pathFinder) plainCycle() []Edge {
	c, r := p.c, &p.c.race
	for _, x := range []struct {
		com, order rel
		name, vis  string
	}{{c.rf, r.rwXb, "rf", "rw-xbstar"}, {c.fr, r.wrVis, "fr", "wr-vis"}, {c.co, r.wwVis, "co", "ww-vis"}} {
		for b := range c.accesses {
			for _, a := range members(c.row(x.com, b)) {
				if c.has(r.preRace, a, b) && c.has(x.order, b, a) {
					return []Edge{p.edge(a, b, x.name), p.edge(b, a, x.vis)}
				}
			}
		}
	}
	return nil
}
