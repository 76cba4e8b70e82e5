package memorder

// rcuCycle finds a cycle of grace periods and critical sections, linked by rcu-link, with at least as many of the former as
// of the latter: what the rcu axiom forbids.
func (p pathFinder) rcuCycle() []Edge {
	var best []Edge
	for start, v := range p.c.rcu.nodes {
		if v.sync {
			if found := p.rcuCycleFrom(start); found != nil && (best == nil || len(found) < len(best)) {
				best = found
			}
		}
	}
	return best
}

// rcuState is a place in the search: just past a node, having met so many more grace periods than sections.
type rcuState struct{ node, surplus int }

func (p pathFinder) rcuCycleFrom(start int) []Edge {
	r := &p.c.rcu
	first := rcuState{start, 1}
	paths := map[rcuState][]Edge{first: {}}
	for level := []rcuState{first}; len(level) > 0; {
		var next []rcuState
		for _, s := range level {
			for to, v := range r.nodes {
				if !r.has(r.link, s.node, to) {
					continue
				}
				if to == start && s.surplus >= 0 {
					return append(append([]Edge{}, paths[s]...), p.linkPath(s.node, to)...)
				}
				for _, n := range p.past(s, to, v) {
					if _, seen := paths[n]; seen || n.surplus > r.n || n.surplus < -r.n {
						continue
					}
					whole := append(append([]Edge{}, paths[s]...), p.linkPath(s.node, to)...)
					if n.node != to {
						whole = append(whole, Edge{p.nodeStep(to), p.nodeStep(n.node), "rcu-rscs^-1"})
					}
					paths[n] = whole
					next = append(next, n)
				}
			}
		}
		level = next
	}
	return nil
}

// past lists what may follow the arrival at a node: a grace period itself, or from an unlock the lock of its section.
func (p pathFinder) past(s rcuState, to int, v node) []rcuState {
	r := &p.c.rcu
	if v.sync {
		return []rcuState{{to, s.surplus + 1}}
	}
	var list []rcuState
	for lock := range r.nodes {
		if r.has(r.sections, to, lock) {
			list = append(list, rcuState{lock, s.surplus - 1})
		}
	}
	return list
}

func (p pathFinder) nodeStep(i int) Step { return Step{p.c.rcu.nodes[i].thread, p.c.rcu.nodes[i].step} }

// linkPath resolves rcu-link = po? ; hb* ; pb* ; prop ; po.
func (p pathFinder) linkPath(a, b int) []Edge {
	c, r := p.c, &p.c.rcu
	from, to := p.nodeStep(a), p.nodeStep(b)
	if from.Thread == to.Thread && from.Index < to.Index {
		return []Edge{{from, to, "po"}}
	}
	var best []Edge
	for _, m := range members(c.row(r.after, a)) {
		for _, e := range members(c.row(r.before, b)) {
			if !c.has(r.through, m, e) {
				continue
			}
			middle := p.through(m, e)
			if best != nil && len(middle)+2 >= len(best) {
				continue
			}
			best = nil
			if p.step(m) != from {
				best = append(best, Edge{from, p.step(m), "po"})
			}
			best = append(append(best, middle...), Edge{p.step(e), to, "po"})
		}
	}
	return best
}

// through resolves hb* ; pb* ; prop between two accesses.
func (p pathFinder) through(m, e int) []Edge {
	c := p.c
	var best []Edge
	found := false
	for k := range c.n {
		if !c.has(c.prop, k, e) {
			continue
		}
		for j := range c.n {
			if !(j == m || c.has(c.hbPlus, m, j)) || !(j == k || c.has(c.pbPlus, j, k)) {
				continue
			}
			var path []Edge
			if j != m {
				path = append(path, p.path(m, j, p.hbHops)...)
			}
			if k != j {
				path = append(path, p.path(j, k, p.pbHops)...)
			}
			if path = append(path, p.propPath(k, e)...); !found || len(path) < len(best) {
				best, found = path, true
			}
		}
	}
	return best
}
