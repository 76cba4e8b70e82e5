package memorder

// Adopt makes x the candidate over whole threads, with neither rf nor co: an explorer that has threads at hand for every
// local history says by See and Follow what the candidate adds. The threads are shared, and must not change meanwhile.
// Marks and what Before and Contradictory know are void. It allocates only while x grows.
func (x *Execution) Adopt(threads []*Thread, locations int) {
	x.threads = append(x.threads[:0], threads...)
	x.size(len(threads), locations)
	for i := range x.src[:len(threads)*MaxAccesses] {
		x.src[i] = unread
	}
	for l := range x.co {
		x.co[l] = x.co[l][:0]
	}
}

// See makes a read of an adopted candidate see a write, or Initial.
func (x *Execution) See(read, write AccessID) { x.src[read] = write }

// Follow makes a write the newest of its location in an adopted candidate.
func (x *Execution) Follow(loc int, write AccessID) { x.co[loc] = append(x.co[loc], write) }

// Extensible reports whether the execution, which must be coherent and atomic, obeys the other axioms, grace periods left
// aside. An allowed execution stays so if a thread goes on with a read of the newest write or with a write that is the
// newest, for nothing follows such an event yet, and every cycle would have to pass through it. Only grace periods are not
// like that: the end of a read-side section looks back. So an explorer asks for Extensible on its way, and for Permitted
// in the end.
func (x *Execution) Extensible() bool {
	x.ranks()
	if x.sim.sequential(x) {
		return true
	}
	c := &x.check
	c.load(x)
	if c.n == 0 {
		return true
	}
	c.localOrder()
	c.propagates()
	c.rcu.active = false
	return c.happensBefore() && c.propagation() && (c.allMarked || c.race.coherent(c))
}
