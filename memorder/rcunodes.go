package memorder

// An RCU node that is a fence is never needed as a step between accesses: whatever is ordered before it by gp or rcu-fence is
// ordered before what it is ordered before, with one exception. hb, pb and rb end in marked events, and so may stop at a
// grace period, where w-pre or r-pre take over and go on to a plain access; without the node, that path would have to end in
// the plain access itself. So when an execution has both, the fences among the nodes become events after the accesses.

// noOrder is the static order of a node: none, orderNodes has it all.
var noOrder order

// nodeEvents counts the nodes that must be events.
func (c *checker) nodeEvents() int {
	plain, sync, n := false, false, 0
	for _, t := range c.x.threads {
		plain = plain || t.cur.plain != 0
		for _, v := range t.nodes {
			e := &t.steps[v.step]
			if !e.Accesses() {
				n++
			}
			sync = sync || e.syncs()
		}
	}
	if plain && sync {
		return n
	}
	return 0
}

// syncs reports whether the event is a grace period.
func (e *Event) syncs() bool { return e.Kind == SyncSRCU || e.Kind == Fence && e.Tag == SyncRCU }

func (c *checker) loadNodes() {
	e := c.accesses
	for i, t := range c.x.threads {
		first := e
		for _, v := range t.nodes {
			if step := &t.steps[v.step]; !step.Accesses() {
				c.thread[e], c.access[e], c.order[e], c.src[e] = int32(i), step, &noOrder, noSrc
				c.deps[e] = dependencies{}
				c.marked.add(e)
				e++
			}
		}
		for f := first; f < e; f++ {
			clear(c.row(c.same, f))
			c.place(c.row(c.same, f), t.cur.marked|t.cur.plain, c.base[i])
		}
		for f := first; f < e; f++ {
			for g := first; g < e; g++ {
				c.link(c.same, g, f)
			}
			for a := range t.Accesses() {
				c.link(c.same, f, c.base[i]+a)
			}
		}
	}
}

// orderNodes adds gp = po ; [Sync] ; po? where it begins or ends at a node.
func (c *checker) orderNodes() {
	e := c.accesses
	for i, t := range c.x.threads {
		first := e
		sync, at := -1, 0 // the last grace period before and its place among the accesses
		for _, v := range t.nodes {
			step := &t.steps[v.step]
			if step.Accesses() {
				continue
			}
			if step.syncs() {
				sync, at = e, v.at
			}
			if sync >= 0 {
				c.gracePeriod(e, first, sync, at, i)
			}
			e++
		}
		if sync < 0 {
			continue
		}
		for a := range t.Accesses() {
			c.nodesBefore(c.base[i]+a, a, first, t)
		}
	}
}

// gracePeriod orders what precedes a grace period, at events at and nodes from first on, before node e.
func (c *checker) gracePeriod(e, first, sync, at, thread int) {
	for _, r := range []rel{c.strong, c.toCumul, c.ppo} {
		row := c.row(r, e)
		c.place(row, 1<<at-1, c.base[thread])
		for f := first; f < sync; f++ {
			row.add(f)
		}
	}
}

// nodesBefore orders the nodes before the last grace period that precedes access a before that access.
func (c *checker) nodesBefore(e, a, first int, t *Thread) {
	f, last := first, -1
	for _, v := range t.nodes {
		step := &t.steps[v.step]
		if step.Accesses() {
			continue
		}
		if v.at <= a && step.syncs() {
			last = f
		}
		f++
	}
	for f := first; f < last; f++ {
		c.link(c.strong, f, e)
		c.link(c.toCumul, f, e)
		c.link(c.ppo, f, e)
	}
}

// aroundNodes adds the node events before and after node i of the RCU relations to its neighbours.
func (r *rcuChecker) aroundNodes(c *checker, i int) {
	for j, v := range r.nodes {
		if v.event < 0 || v.thread != r.nodes[i].thread {
			continue
		}
		if j < i {
			c.row(r.before, i).add(v.event)
		} else {
			c.row(r.after, i).add(v.event)
		}
	}
}
