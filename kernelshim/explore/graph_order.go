package explore

// interleaved reports whether some interleaving of the tasks on one memory explains the graph: then the model allows it,
// whatever depends on what, and memorder need not be asked (memorder's simulator gives the reason). Grace periods are left
// to memorder. Each task goes ahead as far as it can: a read once its source is the newest write done, a write once the one
// before it is done and everybody who sees that one has looked.
func (g *graph) interleaved(s *stepper) bool {
	left := s.prepare(g)
	for left > 0 {
		moved := false
		for t := range g.lanes {
			points := g.lanes[t].points
			for int(s.next[t]) < len(points) && s.step(g, refOf(t, int(s.next[t])), &points[s.next[t]]) {
				s.next[t]++
				left--
				moved = true
			}
		}
		if !moved {
			return false
		}
	}
	return true
}

// A stepper is the memory of interleaved.
type stepper struct {
	next    [16]int32
	rank    [16][]int32 // by point: of what it writes, or sees
	done    []int32     // by location: writes done
	waiting [][]int32   // by location and rank: reads to come
}

// prepare counts the readers of each write, and returns the number of points.
func (s *stepper) prepare(g *graph) (points int) {
	s.next = [16]int32{}
	for len(s.done) < len(g.co) {
		s.done, s.waiting = append(s.done, 0), append(s.waiting, nil)
	}
	for t := range g.lanes {
		n := len(g.lanes[t].points)
		points += n
		if len(s.rank[t]) < n {
			s.rank[t] = make([]int32, maxEvents)
		}
	}
	for _, loc := range g.used {
		order := g.co[loc]
		s.done[loc] = 0
		s.waiting[loc] = append(s.waiting[loc][:0], 0)
		for i, w := range order {
			s.rank[w.task()][w.index()] = int32(i + 1)
			s.waiting[loc] = append(s.waiting[loc], 0)
		}
		for _, r := range g.reads[loc] {
			seen := int32(0)
			if src := g.point(r).src; src != initially {
				seen = s.rank[src.task()][src.index()]
			}
			s.rank[r.task()][r.index()] = seen
			s.waiting[loc][seen]++
		}
	}
	return points
}

// step takes a point if it can happen now.
func (s *stepper) step(g *graph, r ref, p *point) bool {
	if p.loc < 0 {
		return p.how != howCallback || s.next[g.lanes[r.task()].fork.task()] > int32(g.lanes[r.task()].fork.index())
	}
	rank, done := s.rank[r.task()][r.index()], s.done[p.loc]
	switch {
	case p.reads && rank != done, !s.refused(g, p):
		return false
	case p.reads:
		s.waiting[p.loc][rank]--
	case rank != done+1 || s.waiting[p.loc][done] > 0:
		return false
	default:
		s.done[p.loc]++
	}
	return true
}

// refused reports whether the writer that a trylock failed for has the lock.
func (s *stepper) refused(g *graph, p *point) bool {
	grant, ok := g.refusal(p)
	return !ok || s.next[grant.task()] > int32(grant.index())
}
