package memorder

// force computes the part of co over one location that rf and program order leave no choice about. It returns false if that
// is cyclic: no order is coherent and atomic.
func (n *Enumerator) force(loc int) bool {
	l := &n.locs[loc]
	for len(l.forced) < len(l.writes) {
		l.forced = append(l.forced, 0)
	}
	f := l.forced[:len(l.writes)]
	clear(f)
	for i, t := range n.x.threads {
		if !n.forceThread(i, t, loc, f) && !n.Incoherent {
			return false
		}
	}
	if l.locks {
		n.forceLocks(l, f)
	}
	n.followers(l)
	if n.Incoherent {
		clear(f)
		return true
	}
	for {
		closeSmall(f)
		for w, x := range f {
			if x>>w&1 != 0 {
				return false
			}
		}
		if l.locks || !n.forceAtomic(l, f) {
			return true
		}
	}
}

// forceThread adds what one thread observes: the writes that it makes or sees at the location must grow in co.
func (n *Enumerator) forceThread(i int, t *Thread, loc int, f []uint64) bool {
	l := &n.locs[loc]
	prev := -1 // index in writes of the newest so far; -1: the initial write
	for j := range t.access {
		e := t.Access(j)
		if e.Loc != loc {
			continue
		}
		var cur int
		switch e.Kind {
		case Write, LockWrite:
			cur = l.index(ID(i, j))
		case Read:
			cur = l.index(n.x.src[ID(i, j)])
		default:
			continue // unlocks follow their lock writes; tests of locks are checked on the complete order
		}
		if cur == prev {
			continue
		}
		if cur < 0 {
			return false
		}
		if prev >= 0 {
			f[cur] |= 1 << prev
		}
		prev = cur
	}
	return true
}

func (l *location) index(w AccessID) int {
	for i, x := range l.writes {
		if x == w {
			return i
		}
	}
	return -1
}

// forceAtomic keeps every atomic next to the write it read: whatever is newer than that write is newer than the atomic, and
// whatever is older than the atomic is older than that write. It reports whether it added anything.
func (n *Enumerator) forceAtomic(l *location, f []uint64) bool {
	changed := false
	for w, id := range l.writes {
		if n.x.Event(id).Half != PairedRMW {
			continue
		}
		s := l.index(n.x.src[id-1])
		if s < 0 {
			for x := range f {
				if x != w && f[x]>>w&1 == 0 {
					f[x] |= 1 << w
					changed = true
				}
			}
			continue
		}
		if older := f[w] &^ f[s] &^ (1 << s); older != 0 {
			f[s] |= older
			changed = true
		}
		for x := range f {
			if x != w && f[x]>>s&1 != 0 && f[x]>>w&1 == 0 {
				f[x] |= 1 << w
				changed = true
			}
		}
	}
	return changed
}

// followers notes which write each atomic read, for nothing may come between the two.
func (n *Enumerator) followers(l *location) {
	l.follower = l.follower[:0]
	for range l.writes {
		l.follower = append(l.follower, -1)
	}
	for w, id := range l.writes {
		if n.x.Event(id).Half == PairedRMW {
			if s := l.index(n.x.src[id-1]); s >= 0 {
				l.follower[s] = w
			}
		}
	}
}

func closeSmall(f []uint64) {
	for k := range f {
		for e := range f {
			if f[e]>>k&1 != 0 {
				f[e] |= f[k]
			}
		}
	}
}
