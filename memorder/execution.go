package memorder

// An AccessID names one access of an execution: access Index of thread Thread.
type AccessID int32

// Initial is the source of a read that sees the initial value of its location, and unread that of one without a source.
const (
	Initial AccessID = -1
	unread  AccessID = -2
)

// ID packs a thread and the index of an access in it.
func ID(thread, access int) AccessID { return AccessID(thread*MaxAccesses + access) }

// Thread and Access unpack an AccessID.
func (a AccessID) Thread() int { return int(a) / MaxAccesses }

// Access is the index of the access within its thread.
func (a AccessID) Access() int { return int(a) % MaxAccesses }

// An Execution is a candidate execution: the program order of each thread, the source of each read (rf) and the order of
// the writes to each location (co). It grows and shrinks: appending an event, choosing a source, placing a write and
// undoing any of them cost no allocation once the slices have grown. The initial write of a location is first in co and
// has no AccessID of its own.
//
// Reads without a source and writes without a place take no part in rf, co and fr. All axioms are monotone in rf and co, so
// a violation found in such a partial execution is final and every extension of it is forbidden too; races are not
// monotone and are meaningful only when nothing is missing. Lock reads take their source from co and need none.
//
// There are two ways to go back: Undo takes back the last steps in the time that they took; Truncate, ClearSource and
// Unplace change anything, as an explorer that revisits a read does, at the price of a pass over the accesses.
//
// The zero value is not ready: use NewExecution. An Execution is not safe for concurrent use.
type Execution struct {
	threads []*Thread
	src     []AccessID   // by AccessID
	co      [][]AccessID // by location, oldest first
	rank    []int32      // by AccessID: place in co
	newest  []int32      // by location, for one thread at a time
	grow    growth
	check   checker
	sim     simulator
}

// NewExecution returns an execution of the given number of empty threads over the given number of locations.
func NewExecution(threads, locations int) *Execution {
	x := &Execution{}
	for range threads {
		x.threads = append(x.threads, &Thread{})
	}
	x.size(threads, locations)
	return x
}

// size makes room for threads and locations and forgets rf and co.
func (x *Execution) size(threads, locations int) {
	for len(x.src) < threads*MaxAccesses {
		x.src = append(x.src, unread)
	}
	for len(x.co) < locations {
		x.co = append(x.co, nil)
	}
	x.co = x.co[:locations]
}

// Threads returns the number of threads.
func (x *Execution) Threads() int { return len(x.threads) }

// Thread returns thread i, to look at; change it through the execution.
func (x *Execution) Thread(i int) *Thread { return x.threads[i] }

// Event returns the event of an access.
func (x *Execution) Event(a AccessID) *Event { return x.threads[a.Thread()].Access(a.Access()) }

// Append adds the next event of a thread and returns its AccessID, or Initial if the event is not an access.
// Error: ErrTooLong.
func (x *Execution) Append(thread int, e Event) (AccessID, error) {
	t := x.threads[thread]
	if err := t.Append(e); err != nil {
		return Initial, err
	}
	x.grow.steps = append(x.grow.steps, change{kind: appended, at: int32(thread)})
	if !e.Accesses() {
		return Initial, nil
	}
	a := ID(thread, t.Accesses()-1)
	x.src[a] = unread
	x.grow.push(a, t)
	return a, nil
}

// Truncate undoes the events of a thread from the n-th on, together with their sources and places in co. Reads of other
// threads that saw a write undone here are left without a source.
func (x *Execution) Truncate(thread, n int) {
	t := x.threads[thread]
	if n >= t.Len() {
		return
	}
	defer x.rebuild()
	old := t.Accesses()
	t.Truncate(n)
	cut := ID(thread, t.Accesses())
	end := ID(thread, old-1)
	if cut > end {
		return
	}
	gone := func(a AccessID) bool { return a >= cut && a <= end }
	for l, order := range x.co {
		kept := order[:0]
		for _, w := range order {
			if !gone(w) {
				kept = append(kept, w)
			}
		}
		x.co[l] = kept
	}
	for i, t := range x.threads {
		for a, last := ID(i, 0), ID(i, t.Accesses()); a < last; a++ {
			if gone(x.src[a]) {
				x.src[a] = unread
			}
		}
	}
}

// rebuild computes the closure anew after a change that is not an undo. Marks are void then.
func (x *Execution) rebuild() {
	g := &x.grow
	g.steps, g.saved, g.access, g.cycles = g.steps[:0], g.saved[:0], g.access[:0], 0
	for i, t := range x.threads {
		for j := range t.access {
			g.push(ID(i, j), t)
		}
	}
	for i, t := range x.threads {
		for j := range t.access {
			// What a lock reads follows from co: its place may hold what another execution left there.
			if r, e := ID(i, j), t.Access(j); e.Reads() && e.Kind != LockRead && x.src[r] >= 0 {
				x.SetSource(r, x.src[r])
			}
		}
	}
	g.steps, g.saved = g.steps[:0], g.saved[:0]
}

// SetSource makes read see write (or Initial). The values are the caller's business.
func (x *Execution) SetSource(read, write AccessID) {
	x.grow.steps = append(x.grow.steps, change{kind: sourced, id: read, old: x.src[read]})
	x.src[read] = write
	if write >= 0 && write.Thread() != read.Thread() && !x.Event(read).plain() && !x.Event(write).plain() {
		x.grow.join(int(x.grow.slot[write]), int(x.grow.slot[read]))
	}
}

// ClearSource takes the source of a read away again.
func (x *Execution) ClearSource(read AccessID) {
	x.src[read] = unread
	x.rebuild()
}

// Source returns the write that the read sees; ok is false if none has been set. For lock reads it follows from co.
func (x *Execution) Source(read AccessID) (write AccessID, ok bool) {
	if x.Event(read).Kind == LockRead {
		order := x.co[x.Event(read).Loc]
		for i, w := range order {
			if w == read+1 && i > 0 {
				return order[i-1], true
			}
		}
		return Initial, true
	}
	return x.src[read], x.src[read] != unread
}

// Place inserts a write in the coherence order of its location as the pos-th, 0 being the oldest.
func (x *Execution) Place(write AccessID, pos int) {
	l := x.Event(write).Loc
	order := append(x.co[l], 0)
	copy(order[pos+1:], order[pos:])
	order[pos] = write
	x.co[l] = order
	x.grow.steps = append(x.grow.steps, change{kind: placed, id: write})
}

// Unplace takes a write out of co again.
func (x *Execution) Unplace(write AccessID) {
	l := x.Event(write).Loc
	order := x.co[l]
	for i, w := range order {
		if w == write {
			x.co[l] = append(order[:i], order[i+1:]...)
			return
		}
	}
}

// Order returns the coherence order of a location, oldest first, without the initial write. The caller must not change it.
func (x *Execution) Order(loc int) []AccessID { return x.co[loc] }

// Clone returns a copy that later changes to x do not touch, except for its threads, which are shared.
func (x *Execution) Clone() *Execution {
	y := x.Copy()
	y.rebuild()
	return y
}

// Copy is Clone for who only looks: growing and undoing do not work, as in an adopted candidate.
func (x *Execution) Copy() *Execution {
	y := &Execution{threads: append([]*Thread{}, x.threads...), src: append([]AccessID{}, x.src...)}
	for _, order := range x.co {
		y.co = append(y.co, append([]AccessID{}, order...))
	}
	return y
}

// WithThread returns a clone in which thread i is t, which must have the same accesses at the same places.
func (x *Execution) WithThread(i int, t *Thread) *Execution {
	y := x.Clone()
	y.threads[i] = t
	return y
}

// StepOf is the event of an access as a step of its thread.
func (x *Execution) StepOf(a AccessID) Step {
	return Step{a.Thread(), x.threads[a.Thread()].access[a.Access()]}
}

// Overwriter returns the write that is next in co after what a read sees: the first that the read is fr-before.
func (x *Execution) Overwriter(read AccessID) (AccessID, bool) {
	src, ok := x.Source(read)
	order := x.co[x.Event(read).Loc]
	switch {
	case !ok || len(order) == 0:
		return Initial, false
	case src == Initial:
		return order[0], true
	}
	for i, w := range order[:len(order)-1] {
		if w == src {
			return order[i+1], true
		}
	}
	return Initial, false
}
