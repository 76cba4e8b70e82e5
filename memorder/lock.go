package memorder

import "math/bits"

// This file is lock.cat: which candidate executions respect locks, what a test of a lock may see, and where unlocks stand
// in co. Mutual exclusion is not an axiom; it follows because co puts each unlock right after its lock.

// unlockOf returns the access that ends the critical section of lock write j, or -1 if the thread never unlocks: critical =
// ([LKW];po-loc;[UL]) \ (po-loc;[LKW|UL];po-loc).
func (t *Thread) unlockOf(j int) int {
	loc := t.Access(j).Loc
	for k := j + 1; k < t.Accesses(); k++ {
		if e := t.Access(k); e.Loc == loc {
			switch e.Kind {
			case Unlock:
				return k
			case LockWrite:
				return -1
			}
		}
	}
	return -1
}

// Deadlocks reports whether the thread locks a lock that it holds, or finds a lock that it holds unlocked: lock.cat's
// lock-nest and nested-is-locked. No execution contains such a thread.
func (t *Thread) Deadlocks() bool {
	if t.cur.lkr == 0 {
		return false
	}
	for j := range t.access {
		if t.Access(j).Kind == LockWrite && t.retaken(j) {
			return true
		}
	}
	return false
}

func (t *Thread) retaken(j int) bool {
	loc := t.Access(j).Loc
	for k := j + 1; k < t.Accesses(); k++ {
		if e := t.Access(k); e.Loc == loc {
			switch e.Kind {
			case Unlock:
				return false
			case LockRead, ReadUnlocked:
				return true
			}
		}
	}
	return false
}

// Unowned returns the first unlock of a lock that the thread does not hold: no violation in lock.cat, but surely a mistake.
func (t *Thread) Unowned() (*Event, bool) {
next:
	for j := range t.access {
		e := t.Access(j)
		if e.Kind != Unlock {
			continue
		}
		for k := j - 1; k >= 0; k-- {
			switch p := t.Access(k); {
			case p.Loc != e.Loc:
			case p.Kind == LockWrite:
				continue next
			case p.Kind == Unlock:
				return e, true
			}
		}
		return e, true
	}
	return nil, false
}

// lockable returns false if the threads together cannot have run: somebody waits for a lock for ever. Two lock writes
// without an unlock on one location are a deadlock.
func (n *Enumerator) lockable() bool {
	for i := range n.locs {
		l := &n.locs[i]
		if !l.locks {
			continue
		}
		held := 0
		for _, w := range l.writes {
			if n.x.Event(w).Kind == LockWrite && n.x.threads[w.Thread()].unlockOf(w.Access()) < 0 {
				held++
			}
		}
		if held > 1 {
			return false
		}
	}
	for _, t := range n.x.threads {
		if t.Deadlocks() {
			return false
		}
	}
	return true
}

// lockTest lists what a failed trylock or a spin_is_locked may see.
func (n *Enumerator) lockTest(i int, t *Thread, j int, e *Event) {
	own := t.order[j].poLoc
	last := -1 // the last own lock write or unlock
	for s := own & t.cur.writes; s != 0; s &= s - 1 {
		last = bits.TrailingZeros64(s)
	}
	l := &n.locs[e.Loc]
	if e.Kind == ReadUnlocked {
		n.sources = append(n.sources, Initial)
		for _, w := range l.unlocks {
			if w.Thread() != i {
				n.sources = append(n.sources, w)
			}
		}
		if last >= 0 && t.Access(last).Kind == Unlock {
			n.sources = append(n.sources, ID(i, last))
		}
		return
	}
	if last >= 0 && t.Access(last).Kind == LockWrite {
		n.sources = append(n.sources, ID(i, last))
		return
	}
	for _, w := range l.writes {
		if w.Thread() != i && n.x.Event(w).Kind == LockWrite {
			n.sources = append(n.sources, w)
		}
	}
}

// forceLocks puts a lock that is never released at the end of co.
func (n *Enumerator) forceLocks(l *location, f []uint64) {
	for w, id := range l.writes {
		if n.x.Event(id).Kind == LockWrite && n.x.threads[id.Thread()].unlockOf(id.Access()) < 0 {
			f[w] |= (1<<len(l.writes) - 1) &^ (1 << w)
		}
	}
}

// place writes the order chosen for a location into co, each unlock right after its lock.
func (n *Enumerator) place(loc int) {
	l := &n.locs[loc]
	co := n.x.co[loc][:0]
	for _, w := range l.chosen {
		co = append(co, w)
		if l.locks && n.x.Event(w).Kind == LockWrite {
			if u := n.x.threads[w.Thread()].unlockOf(w.Access()); u >= 0 {
				co = append(co, ID(w.Thread(), u))
			}
		}
	}
	n.x.co[loc] = co
}
