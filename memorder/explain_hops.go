package memorder

// This file resolves hb, prop, cumul-fence and pb into their parts, each one level down.

// hbHops resolves hb = ppo | rfe | (prop \ id) & int into edges.
func (p pathFinder) hbHops(b int) []hop {
	c := p.c
	var list []hop
	for _, a := range members(c.row(c.hb, b)) {
		switch {
		case c.has(c.ppo, a, b):
			list = append(list, hop{a, []Edge{p.edge(a, b, p.localName(a, b))}})
		case c.has(c.rfe, a, b):
			list = append(list, hop{a, []Edge{p.edge(a, b, "rfe")}})
		default:
			list = append(list, hop{a, p.propPath(a, b)})
		}
	}
	return list
}

// localName says which part of ppo or which fence orders two accesses of one thread.
func (p pathFinder) localName(a, b int) string {
	c := p.c
	if a >= c.accesses || b >= c.accesses {
		return "gp"
	}
	o, d := c.order[b], &c.deps[b]
	bit := uint64(1) << (a - c.base[c.thread[a]])
	writes := c.access[b].Writes()
	for _, x := range []struct {
		set  uint64
		name string
	}{
		{d.data & -toMask(writes), "data"}, {d.addr, "addr"}, {d.ctrl & -toMask(writes), "ctrl"},
		{o.wmb, "wmb"}, {o.rmb, "rmb"}, {o.poRel, "po-rel"}, {o.acqPo, "acq-po"},
	} {
		if x.set&bit != 0 {
			return x.name
		}
	}
	switch {
	case c.has(c.strong, a, b):
		return p.strongName(a, b)
	case o.poLoc&bit != 0 && writes:
		return "po-loc"
	case c.hasLock && c.has(c.pull, a, b):
		return "po-unlock-lock-po"
	case writes:
		return "addr ; [Plain] ; wmb"
	}
	return "dep ; rfi"
}

func toMask(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// strongName tells a grace period from a full fence: whether one stands between the two.
func (p pathFinder) strongName(a, b int) string {
	t := p.c.x.threads[p.c.thread[a]]
	from, to := p.step(a).Index, p.step(b).Index
	for k := from; k < to && p.c.thread[a] == p.c.thread[b]; k++ {
		e := t.Event(k)
		if e.Kind == Fence && e.Tag == Mb {
			return "mb"
		}
		if e.syncs() {
			return "gp"
		}
	}
	return "mb"
}

// propPath resolves prop = (overwrite & ext)? ; cumul-fence* ; rfe?.
func (p pathFinder) propPath(a, b int) []Edge {
	c := p.c
	var best []Edge
	try := func(end int, tail []Edge) {
		if found, ok := p.cumulPath(a, end); ok {
			if whole := append(found, tail...); best == nil || len(whole) < len(best) {
				best = whole
			}
		}
	}
	try(b, nil)
	if s := int(c.src[b]); s >= 0 && c.thread[s] != c.thread[b] {
		try(s, []Edge{p.edge(s, b, "rfe")})
	}
	return best
}

// cumulPath resolves (overwrite & ext)? ; cumul-fence*.
func (p pathFinder) cumulPath(a, end int) ([]Edge, bool) {
	c := p.c
	if a == end {
		return nil, true
	}
	if found := p.path(a, end, p.cumulHops); found != nil {
		return found, true
	}
	for j := range c.n {
		if j == a || !c.has(c.oe, a, j) {
			continue
		}
		name := "fre"
		if c.has(c.co, a, j) {
			name = "coe"
		}
		first := p.edge(a, j, name)
		if j == end {
			return []Edge{first}, true
		}
		if found := p.path(j, end, p.cumulHops); found != nil {
			return append([]Edge{first}, found...), true
		}
	}
	return nil, false
}

// cumulHops resolves one cumul-fence: rfe? and a fence, then atomics that pass it on.
func (p pathFinder) cumulHops(b int) []hop {
	c := p.c
	var tail []Edge
	var list []hop
	for w, steps := b, 0; ; steps++ {
		for _, a := range members(c.row(c.toCumul, w)) {
			if !c.marked.has(a) {
				continue
			}
			fence := append([]Edge{p.edge(a, w, p.localName(a, w))}, tail...)
			if c.has(c.cumul, a, b) {
				list = append(list, hop{a, fence})
			}
			if s := int(c.src[a]); s >= 0 && c.thread[s] != c.thread[a] && c.has(c.cumul, s, b) {
				list = append(list, hop{s, append([]Edge{p.edge(s, a, "rfe")}, fence...)})
			}
		}
		for _, a := range members(c.row(c.cumul, w)) {
			if c.has(c.cumul, a, b) && !c.has(c.toCumul, a, w) && (p.inWmb(a, w) || c.hasLock && c.has(c.pull, a, w)) {
				name := "po-unlock-lock-po"
				if p.inWmb(a, w) {
					name = "wmb"
				}
				list = append(list, hop{a, append([]Edge{p.edge(a, w, name)}, tail...)})
			}
		}
		a := c.access[w]
		if steps >= c.n || w == 0 || a.Kind != LockWrite && !(a.Kind == Write && a.Half == PairedRMW) || c.src[w-1] < 0 {
			return list
		}
		s := int(c.src[w-1])
		tail = append([]Edge{p.edge(s, w-1, "rf"), p.edge(w-1, w, "rmw")}, tail...)
		w = s
	}
}

func (p pathFinder) inWmb(a, b int) bool {
	c := p.c
	return c.thread[a] == c.thread[b] && b < c.accesses && a < c.accesses && c.order[b].wmb>>(a-c.base[c.thread[a]])&1 != 0
}

// pbHops resolves pb = prop ; strong-fence ; hb*.
func (p pathFinder) pbHops(b int) []hop {
	c := p.c
	var list []hop
	for f := range c.n {
		if f != b && !c.has(c.hbPlus, f, b) {
			continue
		}
		var after []Edge
		if f != b {
			after = p.path(f, b, p.hbHops)
		}
		for _, m := range members(c.row(c.strong, f)) {
			tail := append([]Edge{p.edge(m, f, p.strongAcross(m, f))}, after...)
			for _, a := range members(c.row(c.prop, m)) {
				list = append(list, hop{a, append(p.propPath(a, m), tail...)})
			}
		}
	}
	return list
}

// strongAcross names a strong fence that may lead to another thread, through after-unlock-lock.
func (p pathFinder) strongAcross(a, b int) string {
	if p.c.thread[a] != p.c.thread[b] {
		return "po-unlock-lock-po ; after-unlock-lock"
	}
	return p.strongName(a, b)
}
