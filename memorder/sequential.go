package memorder

// simulator looks for an interleaving of the threads that explains an execution on a machine without any reordering, on
// which synchronize_rcu waits for the readers that it finds. If there is one, the execution is allowed: ppo, fences, rfe,
// prop, hb and pb all lie within program order and communication, so none of them can have a cycle; and rcu-fence only
// relates events in the order of the interleaving, for a grace period that does not start before a section ends before the
// section does (this is the easy half of the equivalence in section 6 of Alglave, Maranget, McKenney, Parri and Stern,
// "Frightening small children and disconcerting grown-ups", ASPLOS 2018). Most executions of most tests are of this kind,
// and the simulation costs a fraction of the relations. The converse does not hold: failure means nothing.
type simulator struct {
	next    []int // by thread: next step
	access  []int // by thread: next access
	done    []bool
	pending []int32 // by AccessID of a write: reads of it still to come
	initial []int32 // by location: reads of the initial write still to come
	written []int32 // by location: writes done

	clock   int
	locked  []int // by thread: when its outermost read-side critical section began, or 0
	nesting []int
	grace   []int // by thread: when its grace period began, or 0
}

// sequential reports whether the simulator finds an interleaving. ranks must be up to date.
func (s *simulator) sequential(x *Execution) bool {
	if !s.prepare(x) {
		return false
	}
	for left := len(x.threads); left > 0; {
		progress := false
		for i, t := range x.threads {
			if s.done[i] {
				continue
			}
			for s.next[i] < len(t.steps) && s.step(x, i, t) {
				progress = true
			}
			if s.next[i] == len(t.steps) {
				s.done[i], progress = true, true
				left--
			}
		}
		if !progress {
			return false
		}
	}
	return true
}

// prepare counts the reads of each write. SRCU is left to the axioms.
func (s *simulator) prepare(x *Execution) bool {
	n := len(x.threads)
	s.next, s.access, s.locked = zero(s.next, n), zero(s.access, n), zero(s.locked, n)
	s.nesting, s.grace, s.done = zero(s.nesting, n), zero(s.grace, n), zero(s.done, n)
	s.initial, s.written = zero(s.initial, len(x.co)), zero(s.written, len(x.co))
	s.pending = zero(s.pending, len(x.threads)*MaxAccesses)
	s.clock = 0
	for i, t := range x.threads {
		if t.cur.srcu {
			return false
		}
		for j := range t.access {
			e := t.Access(j)
			if !e.Reads() {
				continue
			}
			if w := x.sourceOf(ID(i, j), e); w == Initial {
				s.initial[e.Loc]++
			} else if w >= 0 {
				s.pending[w]++
			}
		}
	}
	return true
}

func zero[T any](list []T, n int) []T {
	if cap(list) < n {
		return make([]T, n)
	}
	list = list[:n]
	clear(list)
	return list
}

// step performs the next step of a thread if it can happen now.
func (s *simulator) step(x *Execution, i int, t *Thread) bool {
	e := &t.steps[s.next[i]]
	if !e.Accesses() {
		return s.fence(x, i, t, e)
	}
	a := ID(i, s.access[i])
	if !s.enabled(x, a, e) {
		return false
	}
	if e.Reads() {
		if w := x.sourceOf(a, e); w == Initial {
			s.initial[e.Loc]--
		} else if w >= 0 {
			s.pending[w]--
		}
	} else if x.rank[a] >= 0 {
		s.written[e.Loc]++
	}
	s.access[i]++
	s.next[i]++
	return true
}

// enabled reports whether an access can happen now: a read once its source is written, a write once its predecessor is
// written and everybody who reads that has done so.
func (s *simulator) enabled(x *Execution, a AccessID, e *Event) bool {
	if e.Reads() {
		w := x.sourceOf(a, e)
		return w < 0 || x.rank[w] <= s.written[e.Loc]
	}
	r := x.rank[a]
	switch {
	case r < 0:
		return true
	case r-1 != s.written[e.Loc]:
		return false
	case r == 1:
		return s.initial[e.Loc] == 0
	}
	return s.pending[x.co[e.Loc][r-2]] == 0
}

// fence performs what matters of RCU. A section is entered only when the access after it can follow, so that grace periods
// get ahead of readers where they can.
func (s *simulator) fence(x *Execution, i int, t *Thread, e *Event) bool {
	switch e.Tag {
	case RCULock:
		if s.nesting[i] == 0 {
			if j := s.access[i]; j < len(t.access) && !s.enabled(x, ID(i, j), t.Access(j)) {
				return false
			}
			s.clock++
			s.locked[i] = s.clock
		}
		s.nesting[i]++
	case RCUUnlock:
		if s.nesting[i] > 0 {
			if s.nesting[i]--; s.nesting[i] == 0 {
				s.locked[i] = 0
			}
		}
	case SyncRCU:
		if s.grace[i] == 0 {
			s.clock++
			s.grace[i] = s.clock
		}
		for _, since := range s.locked {
			if since != 0 && since < s.grace[i] {
				return false
			}
		}
		s.grace[i] = 0
	}
	s.next[i]++
	return true
}

// sourceOf is the source of a read as ranks know it; lock reads see what precedes their lock write.
func (x *Execution) sourceOf(a AccessID, e *Event) AccessID {
	if e.Kind != LockRead {
		return x.src[a]
	}
	switch r := x.rank[a+1]; {
	case r < 0:
		return unread
	case r == 1:
		return Initial
	default:
		return x.co[e.Loc][r-2]
	}
}
