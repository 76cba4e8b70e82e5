package explore

// A view is what a task knows of memory: what it last read or wrote at a location, or what was there at the start. The
// conditions of a contract are read by the task that calls, so this is what it goes by.
type view struct {
	f      *forest
	points []point
}

func (v *view) get(loc int32) value {
	for i := len(v.points) - 1; i >= 0; i-- {
		if p := &v.points[i]; p.loc == loc || p.n.loc == loc && p.n.sem != nil {
			return p.new
		}
	}
	return v.f.inits[loc]
}

// rules has the monitor judge the tasks of an allowed graph, each local history once, and keeps the graph that broke the
// first rule.
func (v *revisit) rules(g *graph) {
	if v.f.monitor == nil {
		return
	}
	before := len(v.f.finds)
	for t := range g.lanes {
		l := &g.lanes[t]
		if l.at == nil || v.ruled[l.at] {
			continue
		}
		v.ruled[l.at] = true
		look := &view{f: v.f}
		state, _ := v.f.rule(l.at.thread.root, nil, look)
		for i := range l.points {
			if p := &l.points[i]; p.to != nil {
				look.points = l.points[:i+1]
				state, _ = v.f.rule(p.to, state, look)
			}
		}
	}
	if len(v.f.finds) > before && v.out.rule == nil {
		if v.assemble(g) {
			v.choose(g, -1, nil)
			w := v.witnessOf(v.x, &v.f.finds[before])
			v.out.rule = w
			if v.seek != "" && v.f.traceHash(w.trail) == v.seek {
				v.out.fail, v.out.weak = w.report, w
			}
		}
	}
}
