package memorder

// Permitted is Check for the executions that an Enumerator passes on, which are coherent and atomic already. Most of them
// have a sequential explanation, and then no relation is computed, unless races is set: then, if the answer is yes, Races may
// be asked next.
func (x *Execution) Permitted(races bool) bool {
	if !(races && x.hasPlain()) {
		x.ranks()
		if x.sim.sequential(x) {
			return true
		}
	}
	return x.verify() == Allowed
}

func (x *Execution) hasPlain() bool {
	for _, t := range x.threads {
		if t.cur.plain != 0 {
			return true
		}
	}
	return false
}
